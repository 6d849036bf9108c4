import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { FakeKernel, NOW } from './fake-kernel.ts';
import { keepalive, temporaryFolder, type Circumstances } from './run-cli.ts';

const OURS = [
  'endpoint.json',
  'states.json',
  'states.json.v1',
  'settings.json',
  'settings.json.damaged-1795889361974',
  'history.jsonl',
  'warmup.json',
  'keepalived.log',
  'keepalived.log.1',
  '.states.json.keepalive-7.1-0a1b2c3d',
  'cache/ka-keepalive.config.ed0da0e5.mjs',
  'trusted/0123456789abcdef0123456789abcdef.json',
  'practice/token.json',
];
const OF_THE_USER = [
  'auth.json',
  '.auth.json.keepalive-7.1-0a1b2c3d',
  'my-plugin.ts',
  'cache/credentials.json',
  'practice/mine.json',
];
const CONFIG = 'keepalive.config.json';

function homeWith(files: readonly string[]): string {
  const home = join(temporaryFolder(), 'home');
  for (const file of files) {
    mkdirSync(join(home, file, '..'), { recursive: true });
    writeFileSync(join(home, file), 'CANARY');
  }
  return home;
}

/** No service manager is on the path. */
const uninstall = (home: string, line = '--yes', world: Circumstances = {}) =>
  keepalive(['uninstall', ...line.split(' ').filter(Boolean)], {
    env: { KEEPALIVE_HOME: home, PATH: '/nowhere', HOME: temporaryFolder() },
    ...world,
  });
/** A daemon that stops when it is asked to. Until then, it calls `stops`. */
function stoppable(stops: () => void) {
  let isStopped = false;
  const daemon: FakeKernel = new FakeKernel([], {
    'kernel/stop': () => {
      isStopped = true;
      stops();
      return null;
    },
  });
  const connect = async () => {
    if (isStopped) throw new KeepaliveError('KA_RPC_NO_DAEMON');
    return daemon.client();
  };
  return { daemon, world: { system: { connect } } };
}
const left = (home: string, files: readonly string[]) => files.filter(file => existsSync(join(home, file)));

test('removes all files of ours, and the folders that are empty then', async () => {
  const home = homeWith(OURS);
  expect(await uninstall(home)).toMatchObject({ exitCode: 0, err: '' });
  expect(existsSync(home)).toBe(false);
});

test('keeps everything else: the configuration, and whatever a user has put beside our files', async () => {
  const home = homeWith([...OURS, ...OF_THE_USER, CONFIG]);
  const { exitCode, out } = await uninstall(home);
  expect(exitCode).toBe(0);
  expect(left(home, OURS)).toEqual([]);
  expect(left(home, [...OF_THE_USER, CONFIG])).toEqual([...OF_THE_USER, CONFIG]);
  expect(out).toContain(join(home, CONFIG));
});

test('removes the configuration if asked, but no package.json', async () => {
  const home = homeWith([CONFIG]);
  writeFileSync(join(home, 'package.json'), '{ "keepalive": { "plugins": [] } }');
  expect(await uninstall(home, '--yes --config-too')).toMatchObject({ exitCode: 0 });
  expect(left(home, [CONFIG, 'package.json'])).toEqual(['package.json']);
});

test('keeps a journal that may hold a renewal, and says so', async () => {
  const home = homeWith([...OURS, 'journal/0a1b']);
  const { exitCode, out, err } = await uninstall(home);
  expect([exitCode, left(home, [...OURS, 'journal/0a1b'])]).toEqual([0, ['journal/0a1b']]);
  expect(err).toContain(`${join(home, 'journal')} is kept`);
  expect(out).toContain(join(home, 'journal', '0a1b'));
});

test('does not follow a link to a folder elsewhere', async () => {
  const elsewhere = homeWith(['token.json', 'a.mjs']);
  const home = homeWith(['states.json', 'keepalived.log']);
  symlinkSync(elsewhere, join(home, 'practice'));
  symlinkSync(elsewhere, join(home, 'cache'));
  await uninstall(home);
  expect(left(elsewhere, ['token.json', 'a.mjs'])).toEqual(['token.json', 'a.mjs']);
});

test('stops the daemon first, and removes what it leaves', async () => {
  const home = homeWith(['endpoint.json', 'keepalived.log']);
  const { daemon, world } = stoppable(() => writeFileSync(join(home, 'states.json'), 'last'));
  const { out, exitCode } = await uninstall(home, '--yes --json', world);
  expect([exitCode, JSON.parse(out)]).toMatchObject([0, { stopped: true, service: false }]);
  expect(daemon.asked.map(([method]) => method)).toContain('kernel/stop');
  expect(existsSync(home)).toBe(false);
});

test('removes nothing if the daemon cannot be stopped', async () => {
  const home = homeWith(OURS);
  const daemon = new FakeKernel([], {
    'kernel/stop': () => {
      throw new KeepaliveError('KA_RPC_TIMEOUT');
    },
  });
  expect((await uninstall(home, '--yes', { daemon })).exitCode).toBe(1);
  expect(left(home, OURS)).toEqual(OURS);
});

test.each(['settings.json', 'states.json', 'pages.json', 'cache/app-main.0a1b2c3d.mjs', 'practice/token.json'])(
  'removes no %s of a folder that was never a home of ours',
  async file => {
    const home = homeWith([file, 'history.jsonl']);
    writeFileSync(join(home, file), '{"version":1,"theme":"dark"}');
    expect(await uninstall(home)).toMatchObject({ exitCode: 0, out: expect.stringContaining('nothing to remove') });
    expect(left(home, [file, 'history.jsonl'])).toEqual([file, 'history.jsonl']);
  },
);

test('keeps a program of the user in a folder that has the name of ours', async () => {
  const home = homeWith(['keepalived.log', 'cache/build.js', 'cache/app.mjs']);
  await uninstall(home);
  expect(left(home, ['cache/build.js', 'cache/app.mjs'])).toEqual(['cache/build.js', 'cache/app.mjs']);
});

test('leaves the files of a daemon that another program starts meanwhile', async () => {
  const home = homeWith(OURS);
  const starting = stoppable(() => {
    const lock = join(home, 'starting.lock');
    mkdirSync(lock);
    utimesSync(lock, NOW / 1_000 - 3, NOW / 1_000 - 3);
  });
  // This one is started again at once.
  for (const world of [starting.world, { daemon: starting.daemon }]) {
    const { exitCode, err } = await uninstall(home, '--yes', world);
    expect([exitCode, err]).toEqual([1, expect.stringContaining('was started meanwhile')]);
    expect(left(home, OURS)).toEqual(OURS);
    rmSync(join(home, 'starting.lock'), { recursive: true });
  }
});

test('twice is no error', async () => {
  const home = homeWith([...OURS, CONFIG]);
  await uninstall(home);
  expect(await uninstall(home)).toEqual({
    exitCode: 0,
    out: `There is nothing to remove.\nThe configuration is kept: ${join(home, CONFIG)}\n`,
    err: '',
  });
});

describe('without --yes', () => {
  test.each<[string, string | undefined, number]>([
    ['there is no terminal', undefined, 2],
    ['the answer is no', 'n', 1],
    ['the answer is nothing', '', 1],
  ])('nothing is removed if %s', async (_title, answer, exitCode) => {
    const home = homeWith(OURS);
    const result = await uninstall(home, '', { daemon: new FakeKernel(), system: { ask: async () => answer } });
    expect(result.exitCode).toBe(exitCode);
    expect(left(home, OURS)).toEqual(OURS);
  });

  test('it shows what it would do, and goes on if the answer is yes', async () => {
    const home = homeWith([CONFIG]);
    writeFileSync(join(home, 'states.json'), '{"version":1,"sessions":{}}');
    const { exitCode, out } = await uninstall(home, '', { system: { ask: async () => 'y' } });
    expect(exitCode).toBe(0);
    expect(out.split('\n').slice(0, 6)).toEqual([
      'This would:',
      '  remove these files:',
      `    ${join(home, 'states.json')}`,
      'It would keep:',
      `    ${join(home, CONFIG)}`,
      'No credential is touched: your tools stay signed in as they are now.',
    ]);
    expect(readFileSync(join(home, CONFIG), 'utf8')).toBe('CANARY');
  });

  test('--json asks nothing and refuses', async () => {
    const { exitCode, out } = await uninstall(homeWith(OURS), '--json', { system: { ask: async () => 'y' } });
    expect([exitCode, JSON.parse(out)]).toMatchObject([2, { error: { code: 'usage' } }]);
  });
});
