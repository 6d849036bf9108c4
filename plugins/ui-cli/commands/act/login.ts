import { constants, homedir } from 'node:os';
import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { nameLabel } from '../../../../sdk/wording/session-line.ts';
import { isLoginOver, type LoginEnd } from '../../../../sdk/wording/sign-in.ts';
import type { Command, CommandContext } from '../../context/command.ts';
import { describeFailure, EXIT } from '../../context/exit.ts';
import { targetOf, type Target } from '../../context/target.ts';
import { isAtDesktop, openAddress } from '../../login/desktop.ts';
import { startSignIn, type Followed } from '../../login/follow.ts';
import { createGuide, type Guide } from '../../login/guide.ts';
import { renderDone, renderIntroduction, renderStep } from '../../login/render.ts';

/** Signs in with the vendor's own program, and shows the user each step. */
export const login: Command = async context => {
  const { args, options, screen, interrupted } = context;
  const target = targetOf(args[0] ?? '');
  const client = await context.kernel();
  const { session, displayName } = await subjectOf(client, target);
  const until = interrupted();
  const followed = await startSignIn(client, { ...target, device: isForAnyDevice(context, target) });
  const { started } = followed;
  const subject = { started, displayName };
  if (options.json) screen.record({ name: 'started', ...started });
  screen.line(renderIntroduction(subject, session, screen.view()));
  const guide = createGuide(subject, { ...context, open: openerOf(context, target) });
  let end: LoginEnd;
  try {
    const cancel = () => void client.request('login/cancel', { login: started.login }).catch(() => undefined);
    if (until.aborted) cancel();
    until.addEventListener('abort', cancel, { once: true });
    end = await follow(followed, { context, client, guide });
  } finally {
    await guide.end();
  }
  if (end.name !== 'done' && !options.json) screen.note(renderStep(end, subject, screen.view()));
  return {
    document: undefined,
    text: view => (end.name === 'done' ? renderDone(end, subject, view) : ''),
    exitCode: exitCodeOf(end, until),
  };
};

type Named = { readonly session: Session | undefined; readonly displayName: string };

/** A session of another machine may not be shown yet. Then that machine says whether it exists. */
async function subjectOf(client: KeepaliveClient, { machine, id }: Target): Promise<Named> {
  if (machine === undefined) {
    const session = await client.request('session/get', { id });
    return { session, displayName: nameLabel(session, await client.request('session/list')) };
  }
  const machines = await client.request('fleet/list');
  const { sessions = [] } = machines.find(one => one.machine === machine) ?? {};
  const session = sessions.find(one => one.id === id);
  return { session, displayName: session ? nameLabel(session, sessions) : id };
}

/** A sign-in that comes back to a browser needs the browser of its machine. */
const isForAnyDevice = (context: CommandContext, { machine }: Target): boolean =>
  machine !== undefined || (context.options.device ?? !isAtDesktop(context));

/** Opens the address here, if the user is at a desktop and sees what happens. */
function openerOf(context: CommandContext, target: Target) {
  const { screen, keyboard } = context;
  if (isForAnyDevice(context, target) || !screen.live || !keyboard.isPresent) return undefined;
  return (url: string) => openAddress(url, { ...context, folder: homedir(), session: target.id });
}

type Conduct = {
  readonly context: CommandContext;
  readonly client: KeepaliveClient;
  readonly guide: Guide;
};

/** Shows the states and passes on the answers until the sign-in has ended. */
async function follow({ started, states }: Followed, conduct: Conduct): Promise<LoginEnd> {
  const { context, guide } = conduct;
  for await (const state of states) {
    if (context.options.json) context.screen.record(state);
    if (isLoginOver(state)) return state;
    await guide.show(state);
    if (state.name === 'code' || state.name === 'confirm') void ask(state.name, started.login, conduct);
  }
  throw new Error('The sign-in ended without a result.');
}

/** Never rejects: an answer that is not accepted is asked for again. */
async function ask(question: 'code' | 'confirm', login: string, conduct: Conduct): Promise<void> {
  const { client, guide, context } = conduct;
  const { screen, now } = context;
  const text = await guide.ask(question);
  try {
    if (text !== undefined) return void (await client.request('login/answer', { login, text }));
    screen.note('The input ended before the code. Run this in a terminal, or write the code to the standard input.');
    await client.request('login/cancel', { login });
  } catch (error) {
    screen.note(describeFailure(error, now()));
    if (text !== undefined) await ask(question, login, conduct);
  }
}

/** As a shell reports a program that a signal has ended. */
function exitCodeOf({ name }: LoginEnd, { reason }: AbortSignal): number {
  if (name === 'done') return EXIT.fine;
  const signal = Object.entries(constants.signals).find(([known]) => known === reason)?.[1];
  return name === 'cancelled' && signal !== undefined ? 128 + signal : EXIT.failed;
}
