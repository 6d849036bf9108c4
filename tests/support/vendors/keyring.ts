import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { dbusDaemon, privateBus } from '../daemon/session-bus.ts';

const find = (program: string) =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, program))
    .find(file => existsSync(file));
const daemon = find('gnome-keyring-daemon');

/** What is missing for a private keyring; undefined if nothing is. */
export const noKeyring =
  dbusDaemon && daemon && find('secret-tool')
    ? undefined
    : 'there is no dbus-daemon, gnome-keyring-daemon or secret-tool';

/** An unlocked private keyring and the environment for using it. */
export async function openKeyring() {
  const { folder, address } = await privateBus();
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, DBUS_SESSION_BUS_ADDRESS: address };
  // It goes to the background once it is ready, and ends with the bus.
  await run(daemon ?? '', ['--unlock', '--components=secrets'], env, 'a password');
  const attributes = (item: Readonly<Record<string, string>>) => Object.entries(item).flat();
  return {
    env,
    put: (item: Readonly<Record<string, string>>, secret: string) =>
      run('secret-tool', ['store', '--label=test', ...attributes(item)], env, secret),
    read: (item: Readonly<Record<string, string>>) => run('secret-tool', ['lookup', ...attributes(item)], env),
  };
}

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<string> {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(input);
  const [[printed]] = await Promise.all([
    Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => [''])]),
    once(child, 'exit'),
  ]);
  return String(printed);
}
