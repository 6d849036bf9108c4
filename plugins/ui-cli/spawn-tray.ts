import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The tray's program. Beside us, and never imported: it is another process. */
const TRAY_MAIN = new URL('../ui-tray/main.js', import.meta.url);

/** What came of it. */
export type TrayStart = {
  readonly shown: boolean;
  /** Its process, where it goes on. */
  readonly pid?: number | undefined;
  /** Why it is not to be seen. */
  readonly hint?: string | undefined;
};

/** Starts the tray in a process of its own, which goes on when we end. */
export async function spawnTray(main: string = fileURLToPath(TRAY_MAIN)): Promise<TrayStart> {
  const child = spawn(process.execPath, [main], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [said]: unknown[] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([exitCode]) => {
      throw new Error(`The tray ended with ${exitCode} before it was shown.`);
    }),
  ]);
  if (child.connected) child.disconnect();
  child.unref();
  const { shown = false, hint } =
    typeof said === 'object' && said !== null ? (said as { readonly shown?: boolean; readonly hint?: string }) : {};
  return { shown, hint, ...(shown ? { pid: child.pid } : {}) };
}
