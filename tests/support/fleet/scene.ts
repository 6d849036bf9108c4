import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, temporaryHome } from '../daemon/daemon.ts';

export const FLEET_KEY = 'a-key-of-the-fleet-canary-0123456789';

type MachineOptions = {
  readonly url: string;
  readonly machine: string;
  readonly accept?: readonly string[];
  readonly plugins?: readonly unknown[];
  readonly policy?: object;
  readonly lease?: string;
};

/** The home of a machine of a fleet, with its configuration. */
export function fleetHome({ url, machine, accept = [], plugins = [], policy = {}, lease }: MachineOptions): string {
  const home = temporaryHome();
  const [keyFile, urlFile] = ['fleet.key', 'fleet.url'].map(name => join(home, name));
  writeFileSync(String(keyFile), FLEET_KEY, { mode: 0o600 });
  writeFileSync(String(urlFile), url, { mode: 0o600 });
  writeConfig(home, {
    fleet: ['postgres', { urlFile, keyFile, machine, accept, lease }],
    plugins,
    policy: { minInterval: '100ms', ...policy },
  });
  return home;
}

const writeConfig = (home: string, members: object): void =>
  writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify(members));

export const startMachine = (options: MachineOptions) => startDaemon(fleetHome(options));

/** An entry that keeps a token file alive at a server. */
export const oauthEntry = (id: string, file: string, tokenEndpoint: string): unknown => [
  'oauth',
  {
    id,
    file,
    tokenEndpoint,
    clientId: 'test',
    paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
  },
];

export const writeTokens = (file: string, refresh: string, expiresAt: number): void =>
  writeFileSync(file, JSON.stringify({ access_token: 'access', refresh_token: refresh, expires_at: expiresAt }), {
    mode: 0o600,
  });
