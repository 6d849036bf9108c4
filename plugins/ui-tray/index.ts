import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { defineFrontend, type FrontendPlugin } from '../../sdk/plugin/frontend.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';

const schema = z.strictObject({});

/** Tests replace these. */
type Deps = {
  readonly main?: string;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
};

const MAIN = fileURLToPath(new URL('./process/main.js', import.meta.url));
const realWait = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal });

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** A tray icon with a menu, in a separate process that ends with the daemon. */
export default function uiTray(
  options: object = {},
  { main = MAIN, wait = realWait, now = Date.now }: Deps = {},
): FrontendPlugin {
  checkOptions(schema, options);
  return defineFrontend({
    id: 'ui-tray',
    async start({ log }) {
      const ending = new AbortController();
      let child: ChildProcess | undefined;

      /** Restarts a tray that fails. One that exits normally was quit, or has no desktop. */
      async function keepRunning(): Promise<void> {
        for (let pause = FIRST_WAIT_MS; ;) {
          const startedAt = now();
          child = spawn(process.execPath, [main, '--follow'], {
            stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
            windowsHide: true,
          });
          child.on('message', report => log.info({ report }, 'the tray has started'));
          const exitCode = await exitOf(child);
          if (exitCode === 0 || ending.signal.aborted) return;
          if (now() - startedAt > LONGEST_WAIT_MS) pause = FIRST_WAIT_MS;
          log.warn({ exitCode, againInMs: pause }, 'the tray failed and is restarted');
          await wait(pause, ending.signal).catch(() => undefined);
          if (ending.signal.aborted) return;
          pause = Math.min(pause * 2, LONGEST_WAIT_MS);
        }
      }

      const ended = keepRunning();
      return async () => {
        ending.abort();
        if (child?.connected) child.disconnect();
        await ended;
      };
    },
  });
}

/** The exit code; null if the process was killed or could not be started. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  try {
    const [code]: (number | null)[] = await once(child, 'exit');
    return code ?? null;
  } catch {
    return null;
  }
}
