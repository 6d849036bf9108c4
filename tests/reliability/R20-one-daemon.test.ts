import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { guardHome } from '../../server/endpoint.ts';
import { connect } from '../../sdk/client/client.ts';
import { locateHome } from '../../sdk/system/home.ts';
import type { Endpoint } from '../../sdk/contract/rpc.ts';
import { begin, KEEPALIVE, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { listen } from '../support/daemon/listen.ts';
import { times } from '../support/runs.ts';

const CONFIG = { 'keepalive.config.json': '{"plugins":[]}' };

/** The pids of all daemons that began to keep sessions in this home, by its log. */
const started = (home: string): readonly number[] =>
  readFileSync(join(home, 'keepalived.log'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
    .filter(({ msg }) => msg === 'started')
    .map(({ pid }) => pid);

test('R20: of many concurrent starts exactly one daemon runs; `run` exits 3 and names it, `start` exits 0', async ({
  annotate,
}) => {
  const home = temporaryHome(CONFIG);
  // Background daemons outlive the commands that started them.
  onTestFinished(() =>
    started(home)
      .filter(isThere)
      .forEach(pid => process.kill(pid, 'SIGKILL')),
  );
  const starts = Array.from({ length: times(8, 100) }, (_, nth) => ({
    command: nth % 2 ? 'start' : 'run',
    ...begin(KEEPALIVE, [nth % 2 ? 'start' : 'run'], home),
  }));
  await Promise.race(starts.map(({ done }) => done));
  const client = await connect({ endpointFile: join(home, 'endpoint.json') });
  const { pid } = await client.request('kernel/info');
  // One of the `run` commands may be the daemon itself.
  const others = starts.filter(({ child }) => child.pid !== pid);
  const ended = await Promise.all(others.map(async ({ command, done }) => ({ command, ...(await done) })));
  expect(started(home)).toEqual([pid]);
  const codes = (wanted: string) => new Set(ended.filter(({ command }) => command === wanted).map(({ code }) => code));
  expect([codes('start'), codes('run')]).toEqual([new Set([0]), new Set([3])]);
  expect(
    ended
      .filter(({ command, stderr }) => command === 'run' && !stderr.includes(`(process ${pid})`))
      .map(({ stderr }) => stderr),
  ).toEqual([]);
  await client.request('kernel/stop');
  await Promise.all(starts.map(({ done }) => done));
  await annotate(`${starts.length} started at one time, ${ended.length} ended: 1 daemon`);
});

test('R20: the next start recovers from the files of a killed daemon', async () => {
  const home = temporaryHome(CONFIG);
  const first = await startDaemon(home);
  first.child.kill('SIGKILL');
  await first.done;
  const left = readFileSync(join(home, 'endpoint.json'), 'utf8');
  // As if it had been killed while it started and while it wrote.
  mkdirSync(join(home, 'starting.lock'));
  utimesSync(join(home, 'starting.lock'), 1, 1);
  for (const name of ['states.json', 'settings.json', 'endpoint.json'])
    writeFileSync(join(home, `.${name}.keepalive-${first.child.pid}-0123abcd`), '{');
  const { client, child } = await startDaemon(home);
  expect((await client.request('kernel/info')).pid).toBe(child.pid);
  expect(readFileSync(join(home, 'endpoint.json'), 'utf8')).not.toBe(left);
  expect(readdirSync(home).filter(name => name.startsWith('.') || name.startsWith('starting'))).toEqual([]);
});

/** The address of a web server on a dead daemon's port. */
async function web(answer: RequestListener): Promise<string> {
  return `${(await listen(createServer(answer))).replace('http:', 'ws:')}/rpc`;
}

async function silence(): Promise<string> {
  const server = createRawServer(() => undefined);
  onTestFinished(() => void server.close());
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/rpc`;
}

async function otherWebSockets(): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  await new Promise<void>(resolve => void server.once('listening', resolve));
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/rpc`;
}

/** The pid of a process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

const OTHER_LISTENERS: readonly (readonly [what: string, url: () => Promise<string>, pid: () => number])[] = [
  ['the pid of a living process and a closed port', async () => 'ws://127.0.0.1:1/rpc', () => process.pid],
  [
    'the pid of a living process and a web site at the port',
    () => web((_request, response) => void response.end('hello')),
    () => process.pid,
  ],
  [
    'a server at the port that refuses us',
    () => web((_request, response) => void response.writeHead(401).end()),
    () => process.pid,
  ],
  ["another program's WebSockets at the port", otherWebSockets, () => process.pid],
  ['a port that accepts connections and stays silent, with the pid of a dead process', silence, deadPid],
  ['a port that hangs up', () => web(({ socket }) => void socket.destroy()), deadPid],
];

const endpointWith = (url: string, pid: number): Endpoint => ({
  url,
  pid,
  token: 'A'.repeat(43),
  version: '0.1.0',
  startedAt: Date.now(),
});

/** The usual check: an existing file with a living pid counts as a daemon. Otherwise it writes its own. */
async function naiveStart(file: string): Promise<'started' | 'refused'> {
  const { pid } = JSON.parse(await readFile(file, 'utf8').catch(() => '{"pid":0}'));
  if (pid && isThere(pid)) return 'refused';
  await writeFile(file, JSON.stringify(endpointWith('ws://127.0.0.1:1/rpc', process.pid)));
  return 'started';
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('R20: no start takes for a daemon', () => {
  test.each(OTHER_LISTENERS)('%s', async (_what, url, pid) => {
    const home = locateHome({ KEEPALIVE_HOME: temporaryHome() });
    writeFileSync(home.endpoint, JSON.stringify(endpointWith(await url(), pid())));
    const release = await guardHome(home);
    await release();
    expect(existsSync(join(home.stateDir, 'starting.lock'))).toBe(false);
  });

  test('control: a check of file and pid trusts any process, and lets all concurrent starts pass', async () => {
    const file = locateHome({ KEEPALIVE_HOME: temporaryHome() }).endpoint;
    expect(new Set(await Promise.all(Array.from({ length: 8 }, () => naiveStart(file))))).toEqual(new Set(['started']));
    writeFileSync(file, JSON.stringify(endpointWith('ws://127.0.0.1:1/rpc', process.pid)));
    expect(await naiveStart(file)).toBe('refused');
  });
});
