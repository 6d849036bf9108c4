import { CREDENTIALS } from '../cast/claude.ts';
import { calls } from '../node/fs.ts';
import { APP } from '../product.ts';
import { ENV } from '../cast/daemon.ts';
import type { Issued } from '../cast/vendor.ts';
import type { Machine } from '../world/machine.ts';
import { Program } from '../world/program.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const HOME = ENV.HOME;
export const STATE = `${HOME}/.local/share/keepalive`;

export const ENDPOINT = `${STATE}/endpoint.json`;

/** A login of a user, in a file. */
export type Login = { readonly id: string; readonly file: string; readonly provider: 'oauth' | 'claude' };

/** The logins that each machine may hold. */
export const LOGINS: readonly Login[] = ['acme', 'globex'].map(id => ({
  id,
  file: `${HOME}/${id}.json`,
  provider: 'oauth',
}));
export const CLAUDE: Login = { id: 'claude', file: CREDENTIALS, provider: 'claude' };

/**
 * How long access tokens may live. Most vendors' last for hours. A day of short ones has twenty times as many renewals,
 * of which most have no trouble, so few are lived.
 */
export const LIVES: readonly [number, ...number[]] = [
  8 * HOUR,
  ...Array<number>(27).fill(8 * HOUR),
  ...Array<number>(8).fill(5 * HOUR),
  ...Array<number>(3).fill(HOUR),
  20 * MINUTE,
];

/** The plugins whose folders a simulated installation has. */
const PLUGINS = ['claude', 'oauth', 'postgres', 'notify-desktop'];

/** Does something on a machine's disk at once, as a program that ends then. */
export function onDisk<T>(machine: Machine, work: (disk: ReturnType<typeof calls>) => T): T {
  const program = new Program(machine, 'sh', { ...ENV });
  try {
    return work(calls(program));
  } finally {
    program.kill();
  }
}

/** The key of the fleet. */
export const FLEET_KEY = 'a key that all machines of the fleet have';

const fleetOf = (machine: string) => [
  'postgres',
  { url: 'postgres://fleet.example/fleet', machine, keyFile: '~/fleet.key' },
];

/** Installs the product on a machine, with a configuration for these logins. */
export function install(machine: Machine, logins: readonly Login[], isInFleet: boolean): void {
  onDisk(machine, disk => {
    const folders = [`${APP}/sdk`, `${APP}/kernel`, ...PLUGINS.map(name => `${APP}/plugins/${name}`), '/usr/bin'];
    for (const folder of [...folders, `${HOME}/.config/keepalive`, `${HOME}/.claude`])
      disk.mkdir(folder, { recursive: true, mode: 0o700 });
    disk.writeFile(`${APP}/package.json`, '{"version":"0.1.0"}');
    for (const name of PLUGINS) disk.writeFile(`${APP}/plugins/${name}/index.js`, '');
    disk.writeFile('/usr/bin/claude', '');
    // The page would be served to browsers, which are not simulated.
    const plugins = [['ui-web', { serve: false }], ...logins.map(entryOf)];
    const config = { plugins, ...(isInFleet && { fleet: fleetOf(machine.name) }) };
    disk.writeFile(`${HOME}/fleet.key`, FLEET_KEY, { mode: 0o600 });
    disk.writeFile(`${HOME}/.config/keepalive/keepalive.config.json`, JSON.stringify(config), { mode: 0o600 });
  });
  machine.disk.syncAll();
}

const entryOf = ({ provider, id, file }: Login) =>
  provider === 'oauth' ? ['oauth', { ...OAUTH, id, file }] : [provider, { id }];

const OAUTH = {
  tokenEndpoint: 'https://acme.example/token',
  clientId: 'client',
  paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
};

/** Writes a login into its file, as the program does that signs in. */
export function storeLogin(machine: Machine, { file, provider }: Login, issued: Issued): void {
  const text = JSON.stringify(CONTENT[provider](issued, issued.expiresAt + machine.clockError));
  onDisk(machine, disk => disk.writeFile(file, text, { mode: 0o600 }));
  machine.disk.syncAll();
}

const CONTENT: Readonly<Record<Login['provider'], (issued: Issued, end: number) => object>> = {
  oauth: ({ access, refresh }, end) => ({ access_token: access, refresh_token: refresh, expires_at: end }),
  claude: ({ access, refresh }, end) => ({
    claudeAiOauth: { accessToken: access, refreshToken: refresh, expiresAt: end, scopes: ['user:inference'] },
  }),
};

type Content = {
  readonly refresh_token?: string;
  readonly expires_at?: number;
  readonly claudeAiOauth?: { readonly refreshToken?: string; readonly expiresAt?: number };
};

/** A login as its file has it. Its end is by the clock of the program that wrote it. */
export type Stored = { readonly token: string | undefined; readonly end: number | undefined };

/** The login in a file; undefined if there is none. Throws a `SyntaxError` if the file is not whole. */
export function storedLogin(machine: Machine, { file }: Login): Stored | undefined {
  const found = machine.disk.find(file, 'open');
  if (found?.kind !== 'file') return undefined;
  const { refresh_token: token, expires_at: end, claudeAiOauth } = JSON.parse(found.bytes.toString('utf8')) as Content;
  return { token: token ?? claudeAiOauth?.refreshToken, end: end ?? claudeAiOauth?.expiresAt };
}

/** The refresh token in a login's file; undefined if there is none, and `torn` if the file is not whole. */
export function storedToken(machine: Machine, login: Login): string | undefined | 'torn' {
  try {
    const stored = storedLogin(machine, login);
    return stored && (stored.token ?? 'torn');
  } catch {
    return 'torn';
  }
}
