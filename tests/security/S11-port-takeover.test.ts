import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import { guardHome } from '../../server/endpoint.ts';
import { connect } from '../../sdk/client/client.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { identityOf, presenceOf } from '../../sdk/system/process-identity.ts';
import type { Endpoint } from '../../sdk/contract/rpc.ts';
import {
  environment,
  KEEPALIVE,
  PLUGIN,
  run,
  startDaemon,
  temporaryHome,
  untilSession,
} from '../support/daemon/daemon.ts';
import { endpointOf } from '../support/daemon/raw-client.ts';
import { IMITATIONS, NO_OTHER_USER, record, relayTo, takePort } from '../support/daemon/imitations.ts';
import { onTestFinished } from '../support/running-test.ts';

const TOKEN = 'T'.repeat(43);
const READ_TOKEN = 'R'.repeat(43);
const MINE = {
  'keepalive.config.json': JSON.stringify({ plugins: [['./mine.mjs', {}], 'ui-web'] }),
  'mine.mjs': PLUGIN,
};

/** Writes an endpoint file as a daemon in this process would have left it. */
function endpointFile(port: number, more: Partial<Endpoint> = {}): string {
  const endpoint: Endpoint = {
    url: `ws://127.0.0.1:${port}/rpc`,
    token: TOKEN,
    readToken: READ_TOKEN,
    pid: process.pid,
    version: '0.1.0',
    startedAt: Date.now(),
    process: identityOf(process.pid),
    proof: 1,
    ...more,
  };
  return join(temporaryHome({ 'endpoint.json': JSON.stringify(endpoint) }), 'endpoint.json');
}

const homeOf = (file: string) => locateHome({ KEEPALIVE_HOME: join(file, '..') });

/** Whether a daemon could start although the file exists. */
async function couldStart(file: string): Promise<boolean> {
  const release = await guardHome(homeOf(file)).catch(() => undefined);
  await release?.();
  return release !== undefined;
}

describe.concurrent("S11: a server on a dead daemon's port is not taken for the daemon and gets no token", () => {
  test.each(Object.entries(IMITATIONS))('%s', async (_what, imitate) => {
    const { port, received } = await record(imitate);
    const file = endpointFile(port);
    await expect(connect({ endpointFile: file })).rejects.toMatchObject({ code: 'KA_RPC_NO_DAEMON' });
    await expect(connect({ endpointFile: file, access: 'read' })).rejects.toMatchObject({ code: 'KA_RPC_NO_DAEMON' });
    expect([
      await couldStart(file),
      received().includes(TOKEN) || received().includes(READ_TOKEN),
      received().includes('GET /proof?nonce='),
      received().includes('GET /proof?access=read&nonce='),
    ]).toEqual([true, false, true, true]);
  });

  test('by a command that makes one call', async () => {
    const { port, received } = await record(() => '');
    const { code } = await run(KEEPALIVE, ['rpc', 'session/list'], join(endpointFile(port), '..'));
    expect([code, received().includes(TOKEN), received().includes('GET /proof?nonce=')]).toEqual([4, false, true]);
  });

  test('a relay to the real daemon at its new port', async () => {
    const daemon = await startDaemon(temporaryHome(MINE));
    const real = await endpointOf(daemon);
    const relay = await relayTo(Number(new URL(real.url).port));
    const file = endpointFile(relay.port, { ...real, url: `ws://127.0.0.1:${relay.port}/rpc` });
    await expect(connect({ endpointFile: file })).rejects.toMatchObject({ code: 'KA_RPC_NO_DAEMON' });
    expect([relay.received().includes(real.token), relay.received().includes('authorization')]).toEqual([false, false]);
  });

  test('control: a client that sends the token first gives it to each of them', async () => {
    const { port, received } = await record(() => '');
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: { authorization: `Bearer ${TOKEN}` } });
    await once(socket, 'error');
    expect(received()).toContain(TOKEN);
  });
});

describe('S11: no request is sent', () => {
  const dead = async (): Promise<number> => {
    const child = spawn(process.execPath, ['--version']);
    await once(child, 'exit');
    return child.pid ?? 0;
  };
  const isWindows = process.platform === 'win32';
  const isRoot = process.getuid?.() === 0;

  const cases: readonly [string, (port: number) => Promise<string> | string, string | undefined][] = [
    [
      'to the port of a process that has ended',
      async port => endpointFile(port, { pid: await dead(), process: undefined }),
      undefined,
    ],
    [
      'to the port of a process whose pid was reused',
      port => endpointFile(port, { process: identityOf(process.pid)?.replace(/\d+$/, '1') }),
      process.platform === 'linux' ? undefined : 'only Linux shows it',
    ],
    [
      'to an address other than 127.0.0.1',
      port => endpointFile(port, { url: `ws://localhost:${port}/rpc` }),
      undefined,
    ],
    ['to another path', port => endpointFile(port, { url: `ws://127.0.0.1:${port}/rpc/../other` }), undefined],
    ['if the address contains a user', port => endpointFile(port, { url: `ws://me@127.0.0.1:${port}/rpc` }), undefined],
    [
      'if the file is a link',
      port => {
        const file = endpointFile(port);
        renameSync(file, `${file}.target`);
        symlinkSync(`${file}.target`, file);
        return file;
      },
      isWindows ? 'links need a privilege on Windows' : undefined,
    ],
    [
      'if others can read the file',
      port => {
        const file = endpointFile(port);
        chmodSync(file, 0o640);
        return file;
      },
      isWindows ? 'Windows has other permissions' : undefined,
    ],
    [
      'if the file belongs to another user',
      port => {
        const file = endpointFile(port);
        chownSync(file, 12_345, 12_345);
        return file;
      },
      isRoot ? undefined : 'only root can give a file away',
    ],
    [
      "to the port of another user's process",
      async port => {
        const child = spawn('sleep', ['60'], { uid: 12_345 });
        onTestFinished(() => void child.kill('SIGKILL'));
        await once(child, 'spawn');
        return endpointFile(port, { pid: child.pid ?? 0, process: undefined });
      },
      isRoot && process.platform === 'linux' ? undefined : 'only root can be another user',
    ],
  ];

  for (const [what, make, missing] of cases) {
    test.skipIf(missing)(`${what}${missing ? ` (skipped: ${missing})` : ''}`, async () => {
      const { port, connections } = await record(() => '');
      const file = await make(port);
      await expect(connect({ endpointFile: file })).rejects.toMatchObject({ code: 'KA_RPC_NO_DAEMON' });
      expect(connections()).toBe(0);
    });
  }

  test('a process counts as ended, running, or not visible from here', async () => {
    const here = identityOf(process.pid);
    const pid = await dead();
    expect([
      presenceOf(process.pid, here),
      presenceOf(process.pid, undefined),
      presenceOf(pid, undefined),
      presenceOf(pid, here),
      presenceOf(-1, undefined),
    ]).toEqual(['ours', 'ours', 'gone', 'gone', 'gone']);
    if (here !== undefined) expect(presenceOf(pid, here.replace(/^\S+/, 'pid:[1]'))).toBe('unknown');
  });
});

describe.skipIf(NO_OTHER_USER)(
  `S11: another user takes the port${NO_OTHER_USER ? ` (skipped: ${NO_OTHER_USER})` : ''}`,
  { concurrent: true },
  () => {
    test.each(['127.0.0.1', '0.0.0.0', '::'])(
      'at %s: gets no request, opens nothing, and prevents no start',
      async host => {
        const home = temporaryHome({ ...MINE, 'bin/xdg-open': `#!/bin/sh\necho "$@" >> "$HOME/opened"\n` });
        chmodSync(join(home, 'bin/xdg-open'), 0o755);
        const first = await startDaemon(home);
        const { url, pid } = await endpointOf(first);
        // Killed during its first attempt, it would make the second daemon wait for the minimum interval.
        await untilSession(first, 'mine', ({ state }) => state.name === 'alive');
        first.child.kill('SIGKILL');
        await first.done;
        const taken = await takePort(Number(new URL(url).port), host);
        // Even if the pid were reused by a process of ours, the port would belong to the other user.
        const file = join(home, 'endpoint.json');
        const left: Endpoint = JSON.parse(readFileSync(file, 'utf8'));
        const reused = { ...left, pid: process.pid, process: identityOf(process.pid) };
        // `stop` says that no daemon runs, unless one may.
        for (const [endpoint, stopped] of [
          [left, 0],
          [reused, 4],
        ] as const) {
          writeFileSync(file, JSON.stringify(endpoint));
          const env = { PATH: `${join(home, 'bin')}:${process.env['PATH']}`, DISPLAY: ':0' };
          const runs = [['status'], ['stop'], ['ui'], ['ui', '--print'], ['refresh']].map(args =>
            run(KEEPALIVE, args, home, env),
          );
          expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([4, stopped, 4, 4, 4]);
        }
        const second = await startDaemon(home);
        await untilSession(second, 'mine', ({ state }) => state.name === 'alive');
        expect([
          second.child.pid === pid,
          (await endpointOf(second)).url === url,
          taken.received(),
          existsSync(join(home, 'opened')),
        ]).toEqual([false, false, '', false]);
      },
    );

    test('that the configuration fixes: sessions are kept, and a notice says where the API is', async () => {
      const taken = await takePort(0);
      const { port } = taken;
      const home = temporaryHome({
        ...MINE,
        'keepalive.config.json': JSON.stringify({ plugins: [['./mine.mjs', {}]], rpc: { port } }),
      });
      onTestFinished(async () => {
        await run(KEEPALIVE, ['stop'], home);
      });
      const started = await run(KEEPALIVE, ['start'], home);
      expect([started.code, started.stdout]).toEqual([0, expect.stringContaining(`Port ${port} cannot be used`)]);
      const status = await run(KEEPALIVE, ['status'], home);
      expect([status.code, status.stdout]).toEqual([0, expect.stringContaining('Another program uses it')]);
      const doctor: { subject: string; message: string }[] = JSON.parse(
        (await run(KEEPALIVE, ['doctor', '--json'], home)).stdout,
      );
      expect(doctor).toContainEqual(
        expect.objectContaining({ subject: 'api', message: expect.stringContaining(String(port)) }),
      );
      expect([(await run(KEEPALIVE, ['stop'], home)).code, taken.received()]).toEqual([0, '']);
      expect(readFileSync(join(home, 'keepalived.log'), 'utf8')).toContain(
        'the configured port of the API is unavailable',
      );
    });
  },
);

describe.concurrent('S11: a daemon from before proofs existed', () => {
  const old = () =>
    record(
      () => 'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\nThe settings page opens with `keepalive ui`.\n',
    );
  const OLD = { process: undefined, proof: undefined };

  test('is reported as outdated, gets no token, and counts as running', async () => {
    const { port, received } = await old();
    const file = endpointFile(port, OLD);
    await expect(connect({ endpointFile: file })).rejects.toMatchObject({
      code: 'KA_RPC_OUTDATED',
      details: { pid: process.pid, version: '0.1.0' },
    });
    expect([await couldStart(file), received().includes(TOKEN)]).toEqual([false, false]);
  });

  test('does not include a server that answers like one at the port of a newer daemon', async () => {
    const file = endpointFile((await old()).port);
    await expect(connect({ endpointFile: file })).rejects.toMatchObject({ code: 'KA_RPC_NO_DAEMON' });
    expect(await couldStart(file)).toBe(true);
  });

  test('can be stopped by a newer command line without a request', async () => {
    const { port } = await old();
    const program = `
      process.on('SIGTERM', () => process.exit(0));
      process.stdout.write('ready');
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['-e', program], {
      env: environment('/'),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const file = endpointFile(port, { ...OLD, pid: child.pid ?? 0 });
    const ended = once(child, 'exit');
    const status = await run(KEEPALIVE, ['status'], join(file, '..'));
    expect([status.code, status.stderr]).toEqual([1, expect.stringContaining('keepalive restart')]);
    expect((await run(KEEPALIVE, ['stop'], join(file, '..'))).code).toBe(0);
    expect(await ended).toEqual([0, null]);
  });
});
