import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command line's program. It is installed beside us, and never imported, because it is another process. */
const CLI_MAIN = fileURLToPath(new URL('../../ui-cli/main.js', import.meta.url));
const LIMIT_MS = 60_000;

/** Runs `keepalive start`. Rejects with what it prints if the daemon does not start. */
export const startDaemon = (main: string = CLI_MAIN): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [main, 'start', '--no-color'],
      { timeout: LIMIT_MS, windowsHide: true },
      (error, _stdout, stderr) => (error ? reject(new Error(stderr.trim() || error.message)) : resolve()),
    );
  });
