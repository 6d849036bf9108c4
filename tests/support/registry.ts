import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { isRecord } from '../../sdk/base/json.ts';
import { freePort } from './fleet/postgres.ts';
import { run, type Ended } from './platforms/programs.ts';

/** A package registry on loopback, and npm with a made-up home whose only registry it is. */
export type Registry = {
  readonly origin: string;
  /** The environment of a user of the registry: a made-up home, and the account that may publish. */
  readonly env: Readonly<Record<string, string>>;
  readonly npm: (args: readonly string[], cwd: string) => Promise<Ended>;
  /** Publishes the package in a folder. Refuses any registry that is not on loopback. */
  readonly publish: (cwd: string, ...args: readonly string[]) => Promise<Ended>;
  readonly end: () => void;
};

/** Starts verdaccio, which passes other packages on from the registry that npm is configured with. */
export async function startRegistry(verdaccio: string, folder: string): Promise<Registry> {
  const { stdout: upstream } = await run('npm', ['config', 'get', 'registry'], { cwd: folder });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const file = join(folder, 'registry/config.json');
  mkdirSync(dirname(file));
  writeFileSync(file, JSON.stringify(settings(upstream.trim(), dirname(file))));
  const home = join(folder, 'home');
  mkdirSync(home);
  const child = spawn(process.execPath, [verdaccio, '--config', file, '--listen', origin], {
    cwd: dirname(file),
    env: { ...process.env, HOME: home },
    stdio: 'ignore',
  });
  const end = () => void child.kill('SIGKILL');
  const answers = async () => (await fetch(`${origin}/-/ping`)).ok;
  await vi
    .waitUntil(() => answers().catch(() => false), { timeout: 120_000, interval: 200 })
    .catch((error: unknown) => {
      end();
      throw error;
    });
  writeFileSync(join(home, '.npmrc'), `//127.0.0.1:${port}/:_authToken=${await newAccount(origin)}\n`, { mode: 0o600 });
  const env = environment(origin, home);
  const npm = (args: readonly string[], cwd: string) => run('npm', args, { cwd, env });
  const publish = async (cwd: string, ...args: readonly string[]) => {
    const { stdout } = await npm(['config', 'get', 'registry'], cwd);
    const target = new URL(stdout.trim());
    if (target.origin !== origin) throw new Error(`Nothing is published to ${target.host}: it is not on loopback.`);
    return npm(['publish', '--registry', origin, ...args], cwd);
  };
  return { origin, env, npm, publish, end };
}

/** Our packages are never looked for elsewhere. */
const settings = (upstream: string, folder: string) => ({
  storage: join(folder, 'storage'),
  auth: { htpasswd: { file: join(folder, 'htpasswd') } },
  uplinks: { upstream: { url: upstream, timeout: '2m', max_fails: 100 } },
  packages: {
    'session-keepalive': { access: '$all', publish: '$authenticated' },
    'keepalive-plugin-*': { access: '$all', publish: '$authenticated' },
    '**': { access: '$all', proxy: 'upstream' },
  },
  max_body_size: '100mb',
  log: { type: 'stdout', format: 'pretty', level: 'fatal' },
});

/** npm takes settings from the variables of the npm that runs the tests, so those are replaced. */
const environment = (origin: string, home: string) => ({
  HOME: home,
  npm_config_userconfig: join(home, '.npmrc'),
  npm_config_cache: join(home, '.npm'),
  npm_config_registry: `${origin}/`,
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
});

async function newAccount(origin: string): Promise<string> {
  const account = { name: 'acme', password: randomBytes(12).toString('hex') };
  const response = await fetch(`${origin}/-/user/org.couchdb.user:acme`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  });
  const answer: unknown = await response.json();
  const token = isRecord(answer) ? answer['token'] : undefined;
  if (typeof token !== 'string') throw new Error(`The registry gave no token: HTTP ${response.status}.`);
  return token;
}
