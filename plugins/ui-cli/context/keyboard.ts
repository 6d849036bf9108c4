import { emitKeypressEvents } from 'node:readline';
import type { ReadStream } from 'node:tty';
import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import { isInForeground } from './foreground.ts';

/** The keys of a user at a terminal. */
export interface Keyboard {
  /** Whether a user can press keys here. False in the background: reading the terminal there would stop the process. */
  readonly isPresent: boolean;
  /** Resolves with true when Enter is pressed, with false at the end of the input or when the signal is aborted. */
  enter(signal: AbortSignal): Promise<boolean>;
  /**
   * Reports keys by their names (`q`, `up`, `?`) and the text that they type until it is cleaned up. `onForeground` is
   * called with false before Ctrl-Z stops the process, which should then leave the terminal alone, and when it
   * continues: with true in the foreground, with false as a background job.
   */
  listen(onKey: OnKey, onForeground: (isInForeground: boolean) => void): Cleanup;
}

type OnKey = (key: string, text: string) => void;

type Key = { readonly name?: string; readonly ctrl?: boolean; readonly sequence?: string };

/** Keys that the terminal turns into signals, unless keys are read one by one. */
const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { c: 'SIGINT', z: 'SIGTSTP', '\\': 'SIGQUIT' };

const BACKGROUND_LOOK_MS = 1_000;

export function createKeyboard(input: ReadStream, platform: NodeJS.Platform): Keyboard {
  return {
    get isPresent() {
      return input.isTTY && isInForeground(platform);
    },
    enter: signal => nextLine(input, signal),
    listen(onKey, onForeground) {
      const onPress = (text: string | undefined, key: Key) => {
        const signal = key.ctrl ? SIGNALS[key.name ?? ''] : undefined;
        if (signal) send(signal);
        else if (!key.ctrl) onKey(key.name ?? text ?? '', text ?? '');
      };
      const open = () => {
        // Another process may have changed the terminal, and Node sets only what it believes to be different.
        input.setRawMode(false);
        input.setRawMode(true).resume();
      };
      const close = () => void input.setRawMode(false).pause();
      const send = (signal: NodeJS.Signals) => {
        if (platform === 'win32') return void (signal === 'SIGINT' && process.emit('SIGINT'));
        close();
        if (signal === 'SIGTSTP') job.stops();
        // As the terminal does: to all processes of this job, such as the npm that has started us.
        process.kill(0, signal);
      };
      const job = watchJob(platform, isBack => {
        if (isBack) open();
        onForeground(isBack);
      });
      emitKeypressEvents(input);
      input.on('keypress', onPress);
      open();
      return () => {
        input.off('keypress', onPress);
        job.end();
        if (isInForeground(platform)) close();
      };
    },
  };
}

/** Reports whether this process is in the foreground: when it is about to be stopped, and when it continues. */
function watchJob(platform: NodeJS.Platform, report: (isInForeground: boolean) => void) {
  let waiting: NodeJS.Timeout | undefined;
  let looking: NodeJS.Immediate | undefined;
  const lookLater = () => {
    clearTimeout(waiting);
    // A SIGCONT that has arrived is handled before an immediate.
    waiting = setTimeout(() => (looking = setImmediate(look)), BACKGROUND_LOOK_MS);
  };
  const look = () => {
    clearTimeout(waiting);
    clearImmediate(looking);
    const isBack = isInForeground(platform);
    // A shell announces only that a stopped job continues, not that a running one comes to the foreground.
    if (!isBack) lookLater();
    report(isBack);
  };
  if (platform !== 'win32') process.on('SIGCONT', look);
  return {
    stops: () => {
      report(false);
      // A process that the system does not stop gets no SIGCONT.
      lookLater();
    },
    end: () => {
      process.off('SIGCONT', look);
      clearTimeout(waiting);
      clearImmediate(looking);
    },
  };
}

function nextLine(input: ReadStream, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise(resolve => {
    const settle = (isEntered: boolean) => () => {
      input.off('data', entered).off('end', ended).pause();
      signal.removeEventListener('abort', ended);
      resolve(isEntered);
    };
    const [entered, ended] = [settle(true), settle(false)];
    input.once('data', entered).once('end', ended);
    signal.addEventListener('abort', ended, { once: true });
  });
}
