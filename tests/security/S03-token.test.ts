import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { newToken } from '../../server/endpoint.ts';
import type { Endpoint } from '../../sdk/contract/rpc.ts';
import { endpointOf } from '../support/daemon/raw-client.ts';
import { environment, KEEPALIVED, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { times } from '../support/runs.ts';
import { CAN_WATCH, startsIn, watched } from '../support/daemon/watched-processes.ts';

const CONFIG = { 'keepalive.config.json': '{"plugins":["practice"],"logLevel":"trace"}' };
const mode = (path: string) => statSync(path).mode & 0o777;

/**
 * Weaknesses of tokens: too short, repeated, or with a bit that is not set in about half of them (6 standard
 * deviations).
 */
function weaknesses(tokens: readonly string[]): readonly string[] {
  const bytes = tokens.map(token => Buffer.from(token, 'base64url'));
  const bits = Array.from(
    { length: 256 },
    (_, bit) => bytes.filter(all => ((all[bit >> 3] ?? 0) >> (bit & 7)) & 1).length,
  );
  return [
    ...(new Set(tokens).size < tokens.length ? ['repeated'] : []),
    ...(bytes.some(({ length }) => length !== 32) ? ['not 32 bytes'] : []),
    ...(bits.some(count => Math.abs(count - tokens.length / 2) > 3 * Math.sqrt(tokens.length)) ? ['not random'] : []),
  ];
}

test('S3: a token has 32 random bytes and is never repeated', async ({ annotate }) => {
  const tokens = Array.from({ length: times(1_000, 100_000) }, newToken);
  expect(weaknesses(tokens)).toEqual([]);
  await annotate(`${tokens.length} tokens, 256 random bits each, all different`);
});

test('S3: each start makes two new tokens, in a file that only its owner can read', async ({ annotate }) => {
  const home = temporaryHome(CONFIG);
  const tokens = new Set<string>();
  const starts = times(2, 100);
  for (let start = 0; start < starts; start += 1) {
    chmodSync(home, 0o755);
    const daemon = await startDaemon(home);
    const { token, readToken = '' } = await endpointOf(daemon);
    tokens.add(token).add(readToken);
    expect([mode(home), mode(join(home, 'endpoint.json'))]).toEqual([0o700, 0o600]);
    daemon.child.kill('SIGTERM');
    await daemon.done;
    expect(existsSync(join(home, 'endpoint.json'))).toBe(false);
  }
  expect(tokens.size).toBe(2 * starts);
  await annotate(`${starts} starts, ${tokens.size} tokens; 0600 in 0700, removed with the daemon`);
});

/** A shell with the most permissive umask. */
const PERMISSIVE_SHELL = ['sh', '-c', 'umask 0; exec "$@"', 'sh'];

/** A program that records its arguments and environment. */
const RECORDER = `#!${process.execPath}
require('node:fs').appendFileSync(process.env.HOME + '/called', JSON.stringify([process.argv, process.env]) + '\\n');`;

const filesOf = (home: string): readonly string[] =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => relative(home, join(parentPath, name)));
const foldersOf = (home: string): readonly string[] =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ parentPath, name }) => relative(home, join(parentPath, name)));

/** Which files below the folder, except these, and which other texts contain the secret. */
function placesOf(
  text: string,
  home: string,
  but: readonly string[],
  said: Readonly<Record<string, string>>,
): readonly string[] {
  const inFiles = filesOf(home).filter(
    name => !but.includes(name) && readFileSync(join(home, name), 'utf8').includes(text),
  );
  return [...inFiles, ...Object.entries(said).flatMap(([where, all]) => (all.includes(text) ? [where] : []))];
}

test.skipIf(process.platform === 'win32')(
  'S3: the tokens are in no argument, environment, address or other file of the daemon and its children' +
    (CAN_WATCH ? '' : ' (without strace: of programs that record it)'),
  async ({ annotate }) => {
    const home = temporaryHome({
      'keepalive.config.json': JSON.stringify({
        logLevel: 'trace',
        plugins: [
          'practice',
          './not-there.ts',
          'ui-web',
          'ui-tray',
          ['command', { id: 'owned', run: ['recorder', 'touch'] }],
          ['notify-command', { run: ['recorder', 'notice'] }],
        ],
      }),
      'bin/recorder': RECORDER,
    });
    chmodSync(join(home, 'bin/recorder'), 0o755);
    const given = filesOf(home);
    const daemon = await startDaemon(home, {
      env: { PATH: `${join(home, 'bin')}:${process.env['PATH']}` },
      within: [...PERMISSIVE_SHELL, ...watched(join(home, 'started'))],
    });
    const { token, readToken = '', url, pid }: Endpoint = await endpointOf(daemon);
    await untilSession(daemon, 'owned', ({ lastAttempt }) => lastAttempt?.outcome === 'refreshed');
    await expect.poll(() => readFileSync(join(home, 'called'), 'utf8')).toContain('"notice"');
    const { url: link } = await daemon.client.request('page/open');
    await daemon.client.request('doctor/run');
    const proc = (name: string) => (existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/${name}`, 'utf8') : '');
    const said = { arguments: proc('cmdline'), environment: proc('environ'), 'the address': url, 'the link': link };
    const modes = filesOf(home)
      .filter(name => !given.includes(name) && !['started', 'called'].includes(name))
      .map(name => [name, mode(join(home, name))]);
    await daemon.client.request('kernel/stop').catch(() => null);
    const { stdout, stderr } = await daemon.done;
    for (const secret of [token, readToken])
      expect([secret.length, placesOf(secret, home, ['endpoint.json'], { ...said, stdout, stderr })]).toEqual([43, []]);
    expect(modes.filter(([, found]) => found !== 0o600)).toEqual([]);
    expect(foldersOf(home).filter(name => name !== 'bin' && mode(join(home, name)) !== 0o700)).toEqual([]);
    expect(modes.map(([name]) => name)).toEqual(
      expect.arrayContaining(['endpoint.json', 'keepalived.log', 'states.json', 'history.jsonl']),
    );
    const started = CAN_WATCH ? startsIn(join(home, 'started')).length : 2;
    expect(started).toBeGreaterThanOrEqual(2);
    await annotate(
      `${started} programs started by the daemon${CAN_WATCH ? ', seen by strace' : ''}: ` +
        `in none of their arguments and environments; nor in ${filesOf(home).length - 1} files, ` +
        'the log at trace, and the output',
    );
  },
);

test.skipIf(process.platform === 'win32')(
  'S3 control: a daemon with all of these faults is detected',
  async ({ annotate }) => {
    const home = temporaryHome({
      'careless.cjs': `
      const token = String(Date.now()), fs = require('node:fs');
      fs.writeFileSync('endpoint.json', token);
      fs.appendFileSync('careless.log', 'my token is ' + token);
      require('node:child_process').execFileSync(
        process.execPath,
        ['-e', ${JSON.stringify(RECORDER.split('\n')[1])}, token],
        { env: { ...process.env, TOKEN: token } },
      );
      console.log(token);`,
    });
    const tokens: string[] = [];
    for (const _ of [1, 2]) {
      const { stdout } = spawnSync('sh', [...PERMISSIVE_SHELL.slice(1), process.execPath, 'careless.cjs'], {
        cwd: home,
        env: environment(home, { PATH: process.env['PATH'] }),
        encoding: 'utf8',
      });
      tokens.push(stdout.trim());
    }
    const places = placesOf(tokens[1] ?? '', home, ['endpoint.json'], {});
    expect([weaknesses(tokens), mode(join(home, 'endpoint.json')), places.toSorted()]).toEqual([
      ['not 32 bytes'],
      0o666,
      ['called', 'careless.log'],
    ]);
    const counted = Array.from({ length: 1_000 }, (_, index) =>
      Buffer.from(String(index % 999).padStart(32)).toString('base64url'),
    );
    expect(weaknesses(counted)).toEqual(['repeated', 'not random']);
    await annotate(
      'a token from the time of day, world-readable, in a log, an argument and an environment, ' +
        'or counted up: all found',
    );
  },
);

const isRoot = process.getuid?.() === 0;
test.skipIf(process.platform === 'win32')(
  'S3: a home that belongs to another user is refused, and nothing is written to it',
  async () => {
    const parent = temporaryHome({ 'theirs/keepalive.config.json': CONFIG['keepalive.config.json'] });
    const theirs = isRoot ? join(parent, 'theirs') : '/';
    if (isRoot) chownSync(theirs, 65_534, 65_534);
    const { code, stderr } = await run(KEEPALIVED, ['--home', theirs], parent);
    expect([code, stderr]).toEqual([1, expect.stringContaining('belongs to another user')]);
    if (isRoot) expect(readdirSync(theirs)).toEqual(['keepalive.config.json']);
  },
);
