import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KEEPALIVE, KEEPALIVED, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';

const CONFIG = { 'keepalive.config.json': '{"plugins":["practice"]}' };
const NEWER = { version: 2, sessions: { practice: { state: 'something else' } } };

/** Everything in a folder: names, content and times. */
const snapshot = (home: string) =>
  ['.', ...readdirSync(home, { recursive: true, encoding: 'utf8' })].toSorted().map(name => {
    const { mode, mtimeMs, ino } = lstatSync(join(home, name));
    return [name, mode, mtimeMs, ino, name.endsWith('.json') ? readFileSync(join(home, name), 'utf8') : ''];
  });

describe.each(['states.json', 'settings.json', 'warmup.json'])('a %s that a newer version wrote', name => {
  test.each([
    ['keepalive start', KEEPALIVE, ['start']],
    ['keepalive run', KEEPALIVE, ['run']],
    ['keepalive check', KEEPALIVE, ['check']],
    ['keepalive check --refresh', KEEPALIVE, ['check', '--refresh']],
    ['keepalive doctor', KEEPALIVE, ['doctor']],
    ['keepalive doctor --bundle', KEEPALIVE, ['doctor', '--bundle', '/dev/null/bundle.json']],
    ['keepalived', KEEPALIVED, []],
  ])('is refused by %s: exit 7, and nothing in the home is touched', async (_command, program, args) => {
    const home = temporaryHome({ ...CONFIG, [name]: JSON.stringify(NEWER) });
    const before = snapshot(home);
    const { code, stdout, stderr } = await run(program, args, home);
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(stderr).toContain('A newer version of Session Keepalive wrote ');
    expect(stderr).toContain('KA_HOME_NEWER');
    expect(stderr).toContain(join(home, name));
    expect(stderr).not.toContain('damaged');
    expect(snapshot(home)).toEqual(before);
  });
});

test('a prompt says that it does not understand newer states, whatever they hold', async () => {
  const home = temporaryHome({ 'states.json': JSON.stringify(NEWER) });
  expect(await run(KEEPALIVE, ['prompt'], home)).toEqual({ code: 0, stdout: '? update keepalive\n', stderr: '' });
  const { stdout } = await run(KEEPALIVE, ['prompt', '--format', 'waybar'], home);
  expect(JSON.parse(stdout)).toEqual({
    text: '? update keepalive',
    tooltip: 'a newer version of keepalive wrote the states',
    class: 'unknown',
    alt: 'unknown',
  });
});

test('a damaged file is another matter: it is set aside, and the daemon keeps its session', async () => {
  const home = temporaryHome({ ...CONFIG, 'states.json': '{"version":2,' });
  const { client } = await startDaemon(home);
  expect(await client.request('session/refresh', { id: 'practice' })).toMatchObject({ state: { name: 'alive' } });
  expect(await client.request('doctor/run')).toContainEqual(
    expect.objectContaining({ message: expect.stringMatching(/states\.json was damaged, and has been set aside as/) }),
  );
});

test('members that a newer version added survive a renewal by the daemon', async () => {
  const home = temporaryHome(CONFIG);
  const state = { name: 'idle', failures: 0, wakeAt: Date.now(), wakeWhy: 'at start', mood: 'good' };
  const record = { displayName: 'Practice', state, tags: ['work'] };
  const settings = { version: 1, theme: 'dark', sessions: { practice: { retries: 3, quiet: ['7d'] } } };
  writeFileSync(
    join(home, 'states.json'),
    JSON.stringify({ version: 1, by: 9, sessions: { practice: record }, notices: [] }),
  );
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
  const daemon = await startDaemon(home);
  await daemon.client.request('session/refresh', { id: 'practice' });
  const { policy } = await daemon.client.request('session/configure', { id: 'practice', policy: { jitter: 0.5 } });
  expect(policy).toMatchObject({ retries: 3, jitter: 0.5 });
  expect(policy).not.toHaveProperty('quiet');
  await daemon.client.request('kernel/stop');
  await daemon.done;
  const read = (name: string): unknown => JSON.parse(readFileSync(join(home, name), 'utf8'));
  expect(read('states.json')).toMatchObject({
    by: 9,
    sessions: { practice: { tags: ['work'], state: { name: 'alive' } } },
  });
  expect(read('settings.json')).toEqual({
    ...settings,
    sessions: { practice: { retries: 3, quiet: ['7d'], jitter: 0.5 } },
  });
  expect(readdirSync(home).filter(name => name.includes('damaged'))).toEqual([]);
});
