import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../../../sdk/base/json.ts';

/** The tray's program. It is installed beside us, and never imported, because it is another process. */
const TRAY_MAIN = new URL('../../ui-tray/process/main.js', import.meta.url);

/** The tray's report about its start. */
export type TrayStart = {
  readonly shown: boolean;
  /** Its process, if the tray is shown. */
  readonly pid?: number | undefined;
  /** Why no icon is visible. */
  readonly hint?: string | undefined;
};

/** Starts the tray in a process that outlives this one. */
export async function spawnTray(main: string = fileURLToPath(TRAY_MAIN)): Promise<TrayStart> {
  const child = spawn(process.execPath, [main], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [report]: unknown[] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([exitCode]) => {
      throw new Error(`The tray ended with ${exitCode} before it was shown.`);
    }),
  ]);
  if (child.connected) child.disconnect();
  child.unref();
  const { shown, hint } = isRecord(report) ? report : {};
  return {
    shown: shown === true,
    hint: typeof hint === 'string' ? hint : undefined,
    ...(shown === true ? { pid: child.pid } : {}),
  };
}
