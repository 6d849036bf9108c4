import { calls } from '../node/fs.ts';
import { APP } from '../product.ts';
import { ENV } from '../cast/daemon.ts';
import type { Issued } from '../cast/vendor.ts';
import type { Machine } from '../world/machine.ts';
import { Program } from '../world/program.ts';

export const HOME = ENV.HOME;
export const STATE = `${HOME}/.local/share/keepalive`;

/** A login of a user, in a file that nothing but the daemon renews. */
export type Login = { readonly id: string; readonly file: string };

/** The plugins whose folders a simulated installation has. */
const PLUGINS = ['oauth', 'notify-desktop'];

/** Does something on a machine's disk at once, as a program that ends then. */
export function onDisk<T>(machine: Machine, work: (disk: ReturnType<typeof calls>) => T): T {
  const program = new Program(machine, 'sh', { ...ENV });
  try {
    return work(calls(program));
  } finally {
    program.kill();
  }
}

/** Installs the product on a machine, with a configuration for these logins. */
export function install(machine: Machine, logins: readonly Login[]): void {
  onDisk(machine, disk => {
    const folders = [`${APP}/sdk`, `${APP}/kernel`, ...PLUGINS.map(name => `${APP}/plugins/${name}`), '/usr/bin'];
    for (const folder of [...folders, `${HOME}/.config/keepalive`])
      disk.mkdir(folder, { recursive: true, mode: 0o700 });
    disk.writeFile(`${APP}/package.json`, '{"version":"0.1.0"}');
    for (const name of PLUGINS) disk.writeFile(`${APP}/plugins/${name}/index.js`, '');
    // The page would be served to browsers, which are not simulated.
    const plugins = [['ui-web', { serve: false }], ...logins.map(({ id, file }) => ['oauth', { ...OAUTH, id, file }])];
    disk.writeFile(`${HOME}/.config/keepalive/keepalive.config.json`, JSON.stringify({ plugins }), { mode: 0o600 });
  });
  machine.disk.syncAll();
}

const OAUTH = {
  tokenEndpoint: 'https://acme.example/token',
  clientId: 'client',
  paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
};

/** Writes a login into its file, as the program does that signs in. */
export function storeLogin(machine: Machine, { file }: Login, { access, refresh, expiresAt }: Issued): void {
  const end = expiresAt + machine.clockError;
  const text = JSON.stringify({ access_token: access, refresh_token: refresh, expires_at: end });
  onDisk(machine, disk => disk.writeFile(file, text, { mode: 0o600 }));
  machine.disk.syncAll();
}

/** The refresh token in a login's file; undefined if there is none, and `torn` if the file is not whole. */
export function storedToken(machine: Machine, { file }: Login): string | undefined | 'torn' {
  try {
    const text = onDisk(machine, disk => String(disk.readFile(file, 'utf8')));
    const { refresh_token: token } = JSON.parse(text) as { readonly refresh_token?: string };
    return token ?? 'torn';
  } catch (error) {
    return error instanceof SyntaxError ? 'torn' : undefined;
  }
}
