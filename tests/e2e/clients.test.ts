import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../sdk/contract/rpc.ts';
import { DIST, environment, PLUGIN, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { IMITATIONS, record } from '../support/daemon/imitations.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { snippets } from '../support/docs/markdown.ts';
import { TEMPORARY } from '../support/io/temporary.ts';
import { onTestFinished } from '../support/running-test.ts';
import { readText, ROOT } from '../support/sources.ts';

const run = promisify(execFile);
const isThere = (program: string, flag = '--version'): boolean => spawnSync(program, [flag]).error === undefined;
const file = (name: string): string => join(ROOT, 'docs/clients', name);

/** A program that calls a method and prints its result, or an error with its code on stderr. */
type Client = {
  readonly language: string;
  /** What it needs and is not installed. */
  readonly missing: readonly string[];
  readonly command: () => readonly [program: string, ...args: readonly string[]];
  /** It cannot check that it is the daemon that answers. */
  readonly trusting?: true;
};

const missing = (...programs: readonly string[]): readonly string[] => programs.filter(program => !isThere(program));
const hasGo = isThere('go', 'version');
/** The interpreter itself: what is on the PATH may be a script that looks for it at each start. */
const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim();
const built = mkdtempSync(join(TEMPORARY, 'keepalive-go-'));

const PACKAGE = `
  import { connect } from ${JSON.stringify(pathToFileURL(join(DIST, 'sdk/client/client.js')))};
  const [method, params = '{}'] = process.argv.slice(1);
  try {
    const client = await connect();
    console.log(JSON.stringify(await client.request(method, JSON.parse(params))));
    client.close();
  } catch ({ code, message }) {
    console.error(code + ': ' + message);
    process.exit(1);
  }`;

const CLIENTS: readonly Client[] = [
  {
    language: 'TypeScript',
    missing: [],
    command: () => [process.execPath, '--input-type=module', '-e', PACKAGE, '--'],
  },
  { language: 'Python', missing: missing('python3'), command: () => [python, '-B', file('keepalive.py')] },
  { language: 'Go', missing: hasGo ? [] : ['go'], command: () => [join(built, 'client')] },
  {
    language: 'shell',
    missing: missing('bash', 'curl', 'jq'),
    command: () => ['bash', file('keepalive.sh')],
    trusting: true,
  },
];

const env = (home: string): NodeJS.ProcessEnv =>
  environment(home, { PATH: process.env['PATH'], KEEPALIVE_ACCESS: 'full' });

type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function call({ command }: Client, home: string, ...args: readonly string[]): Promise<Answer> {
  const [program, ...first] = command();
  return run(program, [...first, ...args], { env: env(home), cwd: home }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Answer) => error,
  );
}

const failure = (text: RegExp): object => ({
  code: expect.any(Number),
  stdout: '',
  stderr: expect.stringMatching(text),
});
const NO_DAEMON = failure(/KA_RPC_NO_DAEMON: No daemon answers.*keepalive start/);
const LISTED = { code: 0, stdout: expect.stringMatching(/"id":\s?"mine"/), stderr: '' };
const installed = CLIENTS.filter(client => client.missing.length === 0);
/** What a title says of programs that are missing. */
const without = (absent: readonly string[]): string =>
  absent.length === 0 ? '' : ` (skipped: ${absent.join(', ')} is not installed)`;

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
let home: string;
beforeAll(async () => {
  door = await daemonWithRawClient();
  ({ home } = await door.daemon.client.request('kernel/info'));
  await untilSession(door.daemon, 'mine', ({ state }) => state.name === 'alive');
  if (hasGo) await run('go', ['build', '-o', join(built, 'client'), file('keepalive.go')]);
}, 180_000);
afterAll(async () => {
  rmSync(built, { recursive: true });
  await door.end();
});

for (const client of CLIENTS)
  describe.skipIf(client.missing.length > 0)(`the client in ${client.language}${without(client.missing)}`, () => {
    test('lists the sessions', async () => {
      expect(await call(client, home, 'session/list')).toEqual(LISTED);
    });

    test('refreshes a session, and gets what has changed', async () => {
      const before = await door.daemon.client.request('session/get', { id: 'mine' });
      const { stdout } = await call(client, home, 'session/refresh', '{"id": "mine", "force": true}');
      expect(JSON.parse(stdout)).toMatchObject({ id: 'mine', lastAttempt: { reason: 'manual', outcome: 'refreshed' } });
      expect(JSON.parse(stdout).lastRenewedAt).toBeGreaterThan(before.lastRenewedAt ?? Infinity);
    });

    test('reports the code of an error', async () => {
      expect(await call(client, home, 'session/refresh', '{"id": "no-such-session"}')).toMatchObject(
        failure(/^KA_SESSION_NOT_FOUND: There is no session with that id/),
      );
      // The package's client turns it into one of our errors.
      const refused = client.language === 'TypeScript' ? /^KA_RPC_INVALID_PARAMS: .* id: / : /^-32602: Invalid params/;
      expect(await call(client, home, 'session/get')).toMatchObject(failure(refused));
    });

    test('says so if no daemon answers', async () => {
      expect(await call(client, temporaryHome(), 'session/list')).toMatchObject(NO_DAEMON);
    });
  });

const STRANGERS = ['a server that echoes the request', 'a server that invents a proof', 'a server that redirects'];

test.each(installed.filter(({ trusting }) => !trusting))(
  'the client in $language gives no token to another program at the port of the daemon',
  async client => {
    const endpoint: Endpoint = JSON.parse(readFileSync(join(home, 'endpoint.json'), 'utf8'));
    const strangers = await Promise.all(
      STRANGERS.map(async stranger => {
        const { port, received } = await record(IMITATIONS[stranger] ?? (() => ''));
        const url = `ws://127.0.0.1:${port}/rpc`;
        const forged = temporaryHome({ 'endpoint.json': JSON.stringify({ ...endpoint, url }) });
        return { answer: await call(client, forged, 'session/list'), received: received() };
      }),
    );
    for (const { answer, received } of strangers) {
      expect(answer).toMatchObject(NO_DAEMON);
      expect(received).toContain('GET /proof?');
      expect(received).not.toMatch(new RegExp(`${endpoint.token}|${endpoint.readToken}|authorization`, 'i'));
    }
  },
);

const config = JSON.stringify({ plugins: [['./mine.mjs', {}]], policy: { minInterval: '100ms' } });

test('each client reports that the daemon has ended, and works with the tokens of the next one', async () => {
  const own = temporaryHome({ 'keepalive.config.json': config, 'mine.mjs': PLUGIN });
  const all = () => Promise.all(installed.map(client => call(client, own, 'session/list')));
  const first = await startDaemon(own);
  await untilSession(first, 'mine', ({ state }) => state.name === 'alive');
  expect(await all()).toEqual(installed.map(() => LISTED));
  const stale = readFileSync(join(own, 'endpoint.json'), 'utf8');
  await first.client.request('kernel/stop');
  await first.done;
  // As after a crash, which leaves the file.
  writeFileSync(join(own, 'endpoint.json'), stale, { mode: 0o600 });
  expect(await all()).toMatchObject(installed.map(() => NO_DAEMON));
  rmSync(join(own, 'endpoint.json'));
  await untilSession(await startDaemon(own), 'mine', ({ state }) => state.name === 'alive');
  expect(await all()).toEqual(installed.map(() => LISTED));
});

/** Prints events until the daemon has ended; after each line of stdin, starts again. */
const FOLLOWER = `
import sys
import keepalive
while True:
    try:
        stream = keepalive.events()
        print(keepalive.call("session/get", {"id": "mine"})["state"]["name"], flush=True)
        for event in stream:
            if event["method"] == "session/didAttempt":
                print(event["params"]["outcome"], flush=True)
    except keepalive.NoDaemon as error:
        print(error.code, flush=True)
    if not sys.stdin.readline():
        break
`;

test.skipIf(!isThere('python3'))(
  `a program in Python follows the notifications, and sees the daemon end and come back${without(missing('python3'))}`,
  async () => {
    const own = temporaryHome({ 'keepalive.config.json': config, 'mine.mjs': PLUGIN });
    const follower = spawn(python, ['-B', '-c', FOLLOWER], {
      env: { ...env(own), PYTHONPATH: join(ROOT, 'docs/clients') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void follower.kill('SIGKILL'));
    const lines = createInterface({ input: follower.stdout })[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value;
    expect(await next()).toBe('KA_RPC_NO_DAEMON');
    for (let round = 1; round <= 2; round += 1) {
      const daemon = await startDaemon(own);
      await untilSession(daemon, 'mine', ({ state }) => state.name === 'alive');
      follower.stdin.write('\n');
      expect(await next()).toBe('alive');
      await daemon.client.request('session/refresh', { id: 'mine', force: true });
      expect(await next()).toBe('refreshed');
      await daemon.client.request('kernel/stop');
      await daemon.done;
      expect(await next()).toBe('KA_RPC_CONNECTION_LOST');
    }
    follower.stdin.end();
    expect(await once(follower, 'close')).toEqual([0, null]);
  },
);

test('the example of docs/rpc.md in TypeScript works', async () => {
  const [example = ''] = snippets(readText('docs/rpc.md'), 'ts');
  const code = example
    .replace("'session-keepalive/client'", JSON.stringify(pathToFileURL(join(DIST, 'sdk/client/client.js'))))
    .replace("'codex'", "'mine'");
  const ended = 'client.close();';
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', `${code}\n${ended}`], {
    env: env(home),
  });
  expect(stdout).toMatch(/^mine every 30 minutes|^mine /m);
  const { policy } = await door.daemon.client.request('session/get', { id: 'mine' });
  expect(policy.schedule).toEqual({ mode: 'interval', every: '30m' });
});
