import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type KeepaliveClient } from '../../../sdk/client/client.ts';
import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { onTestFinished } from '../running-test.ts';
import { TEMPORARY } from '../io/temporary.ts';

export const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));
/** The same program with each module in its own file. */
export const UNPACKED = fileURLToPath(new URL('../../../dist-unpacked/', import.meta.url));
export const KEEPALIVED = join(DIST, 'kernel/main.js');
export const KEEPALIVE = join(DIST, 'plugins/ui-cli/main.js');

type Env = Readonly<Record<string, string | undefined>>;

/** A folder with these files that is removed after the test. */
export function temporaryHome(files: Readonly<Record<string, string>> = {}): string {
  const home = folderWith(files);
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }));
  return home;
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(TEMPORARY, 'keepalive-test-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text, { mode: 0o600 });
  }
  return home;
}

/** An environment that hides the files of the machine's real user. */
export const environment = (home: string, more: Env = {}): NodeJS.ProcessEnv => ({
  PATH: dirname(process.execPath),
  HOME: home,
  USERPROFILE: home,
  KEEPALIVE_HOME: home,
  NO_COLOR: '1',
  TMPDIR: TEMPORARY,
  ...more,
});

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Starts a program of ours. */
export function begin(
  main: string,
  args: readonly string[],
  home: string,
  more: Env = {},
): Pick<Daemon, 'child' | 'done'> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: home,
    env: environment(home, more),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, done: finished(child) };
}

/** Runs a program of ours to its end. */
export const run = (...program: Parameters<typeof begin>): Promise<Finished> => begin(...program).done;

async function finished(child: ChildProcess): Promise<Finished> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', chunk => void (text.stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', chunk => void (text.stderr += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text };
}

export type Daemon = {
  readonly child: ChildProcess;
  readonly client: KeepaliveClient;
  readonly done: Promise<Finished>;
};

/** Built-ins that are loaded without being named. */
const ALWAYS: readonly string[] = ['ui-web', 'notify-desktop'];

/** The plugins of the configuration. */
export const namedPlugins = async ({ client }: Pick<Daemon, 'client'>): Promise<readonly PluginInfo[]> =>
  (await client.request('plugin/list')).filter(({ module }) => !ALWAYS.includes(module));

type Start = {
  readonly args?: readonly string[];
  readonly env?: Env;
  /** Only root can choose. */
  readonly uid?: number | undefined;
  /** The program and arguments that start it. They may have their own mounts. */
  readonly within?: readonly string[];
  /** Loaded before the daemon, to replace some of its modules. */
  readonly hooks?: URL;
};

/** Starts the real daemon in `home` without waiting for it. It ends with the test. */
export function spawnDaemon(home: string, start: Start = {}): Pick<Daemon, 'child' | 'done'> {
  const child = launch(home, start);
  const done = finished(child);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await done;
  });
  return { child, done };
}

/** Starts the real daemon in `home` and connects to it. It ends with the test. */
export async function startDaemon(home: string, start: Start = {}): Promise<Daemon> {
  const { child, done } = spawnDaemon(home, start);
  const client = await answered(child, done, start.within ? `/proc/${child.pid}/root${home}` : home, start.uid);
  onTestFinished(() => client.close());
  return { child, client, done };
}

/** One daemon for all tests of a file, with these files in its home. `end` ends it. */
export async function sharedDaemon(
  files: Readonly<Record<string, string>>,
  start: Start = {},
): Promise<{ readonly daemon: Daemon; readonly end: () => Promise<void> }> {
  const home = folderWith(files);
  const child = launch(home, start);
  const done = finished(child);
  const client = await answered(child, done, home);
  const end = async () => {
    client.close();
    child.kill('SIGKILL');
    await done;
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  return { daemon: { child, client, done }, end };
}

function launch(home: string, { args = [], env = {}, uid, within = [], hooks }: Start): ChildProcess {
  const main = hooks ? join(UNPACKED, 'kernel/main.js') : KEEPALIVED;
  const [program = '', ...rest] = [...within, process.execPath, main, ...args];
  return spawn(program, rest, {
    cwd: home,
    env: environment(home, { ...(hooks && { NODE_OPTIONS: `--import ${hooks.href}` }), ...env }),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(uid !== undefined && { uid }),
  });
}

async function answered(
  child: ChildProcess,
  done: Promise<Finished>,
  home: string,
  uid?: number,
): Promise<KeepaliveClient> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    done.then(({ stderr }) => [{ failed: { text: stderr } }]),
  ])) as [{ ready?: true; failed?: { text: string } }];
  if (!message.ready) throw new Error(`The daemon did not start: ${message.failed?.text}`);
  // No user, not even root, uses an endpoint of another user.
  if (uid !== undefined) process.seteuid?.(uid);
  return connect({ endpointFile: join(home, 'endpoint.json') }).finally(
    () => uid !== undefined && process.seteuid?.(0),
  );
}

/**
 * Resolves with the session once it is as wanted, by the daemon's own announcements. A daemon on a busy machine starts
 * before all plugins are loaded, so the session may not be there yet.
 */
export async function untilSession(
  { client }: Pick<Daemon, 'client'>,
  id: string,
  wanted: (session: Session) => boolean,
): Promise<Session> {
  return new Promise((resolve, reject) => {
    const look = (session: Session) => {
      if (session.id !== id || !wanted(session)) return;
      stops.forEach(stop => void stop());
      resolve(session);
    };
    const stops = [
      client.on('session/didChange', look),
      client.onStatus(status => status === 'lost' && reject(new Error(`The daemon ended before ${id} was as wanted.`))),
    ];
    client
      .request('session/get', { id })
      .then(look, error => (error.code === 'KA_SESSION_NOT_FOUND' ? undefined : reject(error)));
  });
}

/**
 * A plugin that keeps one session, for a file `mine.mjs`. It does not import the SDK: such modules, and TypeScript, are
 * compiled first, which doubles the time that a plugin process needs to start.
 */
export const PLUGIN = `
import { appendFileSync } from 'node:fs';
export default ({ id = 'mine', file, life = 3600000, answer }) => ({
  kind: 'provider', id, displayName: 'Mine',
  refresh: async () => {
    if (file) appendFileSync(file, Date.now() + '\\n');
    if (answer === 'throw') throw new Error('it went wrong');
    return answer ?? { status: 'refreshed', expiresAt: new Date(Date.now() + life) };
  },
});
`;
