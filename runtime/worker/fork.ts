import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXTENSION } from '../installation.ts';

/** More than this of its own objects, and a plugin's process ends; ours and the others' do not notice. */
const MAX_HEAP_MB = 256;

/** Beside us in every installation. */
export const GUEST_MAIN = fileURLToPath(new URL(`./main${EXTENSION}`, import.meta.url));

/** Starts processes for plugins. The module's name is an argument only so that people see whose process it is. */
export const forker =
  (env: Readonly<Record<string, string | undefined>>, main: string = GUEST_MAIN) =>
  (module: string): ChildProcess =>
    spawn(process.execPath, [`--max-old-space-size=${MAX_HEAP_MB}`, main, module], {
      env: { ...env },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
      windowsHide: true,
    });
