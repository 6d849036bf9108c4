import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import type { LoginState } from '../../../sdk/contract/rpc.ts';
import type { CommandContext } from '../context/command.ts';
import { createLiveView } from '../watch/live-view.ts';
import { afterMs } from '../watch/pace.ts';
import { answersByKeys, answersByLines, type Answers, type Question } from './answers.ts';
import { qrCode } from './qr-code.ts';
import { renderAddress, renderStep, renderUserCode, renderWait, type Subject } from './render.ts';

type Deps = Pick<CommandContext, 'screen' | 'keyboard' | 'system'> & {
  /** Opens the address in a browser here. Undefined if the user is elsewhere. */
  readonly open: ((url: string) => Promise<Cleanup | undefined>) | undefined;
};

/** Shows the states of a sign-in to a person. */
export interface Guide {
  /** Resolves with the answer; undefined at the end of the input. */
  ask(question: Question): Promise<string | undefined>;
  show(state: LoginState): Promise<void>;
  end(): Promise<void>;
}

type AddressState = Extract<LoginState, { readonly name: 'open' | 'code' }>;

/** Below a QR code: a margin and the line of what is waited for, before them a code to enter, and what was opened. */
const ROWS_BELOW = 2;
const ROWS_OF_USER_CODE = 4;
const ROWS_OF_OPENED = 1;
const OPENED = 'The address is open in your browser.';
/** The time left changes once a second at most. */
const TICK_MS = 1_000;

export function createGuide(subject: Subject, deps: Deps): Guide {
  const { screen } = deps;
  let state: LoginState = { name: 'starting' };
  let shownUrl: string | undefined;
  let opened: Promise<Cleanup | undefined> | undefined;
  /** The state whose question is answered. The vendor's program is busy with the answer until the next state. */
  let answered: LoginState | undefined;
  const typed = () => (answered === state ? undefined : answers.typed);
  const render = () => ({ text: renderWait(state, subject, typed(), screen.view()), holdsMs: TICK_MS });
  const view = createLiveView(screen, render, afterMs);
  const answers = answersFrom(deps, {
    onChange: view.draw,
    onForeground: isBack => {
      screen.markPastes(isBack);
      view.resume(isBack);
    },
  });

  async function showAddress(next: AddressState): Promise<void> {
    if (next.url === shownUrl) return;
    shownUrl = next.url;
    screen.line(await renderPlace(next, deps));
    opened ??= deps.open?.(next.url);
    void opened?.then(isOpen => isOpen && screen.line(OPENED));
  }

  screen.markPastes(true);
  return {
    async ask(question) {
      answered = undefined;
      const text = await answers.next(question);
      answered = state;
      view.draw();
      return text;
    },
    async show(next) {
      state = next;
      // A spinner says these two on a terminal.
      const isStep = next.name !== 'starting' && next.name !== 'checking';
      if (isStep || !screen.live) screen.line(renderStep(next, subject, screen.view()));
      if (next.name === 'open' || next.name === 'code') await showAddress(next);
      view.draw();
    },
    async end() {
      answers.end();
      view.end();
      screen.markPastes(false);
      screen.draw(undefined);
      await (
        await opened
      )?.();
    },
  };
}

/** The address, as a QR code too if another device can finish the sign-in, and the code to enter there. */
async function renderPlace(state: AddressState, { screen, open }: Deps): Promise<string> {
  const userCode = state.name === 'open' ? state.userCode : undefined;
  const below =
    ROWS_BELOW + (userCode === undefined ? 0 : ROWS_OF_USER_CODE) + (open === undefined ? 0 : ROWS_OF_OPENED);
  const isForAnyDevice = state.name === 'code' || userCode !== undefined;
  const picture = isForAnyDevice ? await qrCode(state.url, screen.view(), below) : undefined;
  const address = renderAddress(state.url, picture, screen.view());
  return [address, ...(userCode === undefined ? [] : [renderUserCode(userCode, screen.view())]), ''].join('\n');
}

type OnKeys = Parameters<typeof answersByKeys>[1];

const answersFrom = ({ keyboard, system }: Deps, onKeys: OnKeys): Answers =>
  keyboard.isPresent ? answersByKeys(keyboard, onKeys) : answersByLines(system.readLines());
