import { describe, expect, test } from 'vitest';
import type { Session } from '../../../sdk/contract/session.ts';
import type { UsageWindow } from '../../../sdk/contract/rpc.ts';
import type { Sent } from '../../../plugins/warmup/driver.ts';
import {
  aliveSession,
  HOUR_MS,
  startWarmUp,
  WarmUpProcess,
  warmUpScene,
  warmUpState,
  type Scene,
  reported,
} from '../../support/warm-up-scene.ts';

const SIX = Date.UTC(2026, 0, 5, 6, 0);
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

/** Answered, with a window that began now. */
const started = ({ now }: Pick<Scene, 'now'>): Sent => ({
  result: 'answered',
  windows: [{ kind: 'short', startsAt: now, resetsAt: now + 5 * HOUR_MS }],
});
const times = ({ prompts }: Scene) => prompts.map(({ at }) => at);

/** A scene in which prompts begin a window. */
const working = (given: Parameters<typeof warmUpScene>[0] = {}): Scene => {
  const scene = warmUpScene({ sent: () => started(scene), ...given });
  return scene;
};

describe('a warm-up', () => {
  test('sends one prompt at its time, and says when the window began and will reset', async () => {
    const scene = working();
    const daemon = await startWarmUp(scene);
    expect(scene.prompts).toEqual([]);
    await daemon.until(SIX + 12 * HOUR_MS);
    expect(times(scene)).toEqual([SIX]);
    expect(scene.runs).toMatchObject([
      { result: 'started', plannedAt: SIX, windows: [{ resetsAt: SIX + 5 * HOUR_MS }] },
    ]);
    expect(scene.runs[0]?.message).toMatch(/^A window was started\. It began .* and resets .*\.$/);
  });

  test('sends nothing when it is switched on, changed or started again', async () => {
    const scene = working({ now: SIX });
    for (const at of ['05:59', '06:00', '06:00', '05:00']) {
      const daemon = await startWarmUp(scene, { at: [at] });
      await daemon.until(scene.now + MINUTE_MS);
      await daemon.stop();
    }
    expect(scene.prompts).toEqual([]);
  });

  test('pauses itself after two without effect in a row, and says why', async () => {
    const scene = warmUpScene();
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX + 3 * DAY_MS);
    expect(reported(scene)).toEqual(['no-effect', 'no-effect', 'paused', 'paused']);
    expect(scene.prompts).toHaveLength(2);
    expect(scene.runs.at(-1)?.message).toContain('2 warm-ups in a row had no effect.');
  });

  test('does not pause if one with effect came between', async () => {
    const scene = working();
    const daemon = await startWarmUp(scene);
    for (let day = 0; day < 6; day += 1) {
      scene.sent = day % 2 === 0 ? () => ({ result: 'failed', reason: 'odd' }) : () => started(scene);
      await daemon.until(SIX + day * DAY_MS);
    }
    expect(reported(scene)).toEqual(['failed', 'started', 'failed', 'started', 'failed', 'started']);
  });

  test('counts the prompts of a day in the zone of its plan', async () => {
    const scene = working({ now: SIX - 6 * HOUR_MS });
    const tokyo = { at: ['22:00', '05:00', '12:00'], timezone: 'Asia/Tokyo' };
    const daemon = await startWarmUp(scene, tokyo);
    // In Tokyo it is 9 o'clock.
    await daemon.until(SIX + DAY_MS);
    expect(reported(scene)).toEqual(['started', 'per-day', 'started', 'per-day']);
    expect(times(scene).map(at => new Date(at).toISOString())).toEqual([
      '2026-01-05T03:00:00.000Z',
      '2026-01-05T20:00:00.000Z',
    ]);
  });

  test('with an interval sends as soon as no window runs, as often as a day allows', async () => {
    const scene = working();
    const daemon = await startWarmUp(scene, { at: undefined, every: '30m', perDay: 3 });
    await daemon.until(Date.UTC(2026, 0, 6) - 1);
    expect(times(scene).map(at => (at - SIX) / HOUR_MS)).toEqual([-5.5, -0.5, 4.5]);
    const runs = (await warmUpState(scene)).warmUps['morning']?.runs ?? [];
    expect(runs.map(({ result, reason }) => reason ?? result)).toEqual([
      'per-day',
      'window-running',
      'started',
      'window-running',
      'started',
      'window-running',
      'started',
    ]);
  });

  test('keeps the last 200 runs', async () => {
    const scene = working({ processes: undefined });
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX + 250 * DAY_MS);
    const runs = (await warmUpState(scene)).warmUps['morning']?.runs ?? [];
    expect([runs.length, runs[0]?.plannedAt]).toEqual([200, SIX + 250 * DAY_MS]);
  });

  test.each(['constructor', 'to-string', 'has-own-property'])('may have the id %s', async id => {
    const scene = working();
    const daemon = await startWarmUp(scene, { id });
    await daemon.until(SIX);
    expect(scene.runs).toMatchObject([{ id, result: 'started' }]);
    expect((await warmUpState(scene)).warmUps[id]?.runs).toHaveLength(1);
  });

  test('may be for an account of any name', async () => {
    const scene = working({ program: { program: '/bin/claude', variables: {}, account: '__proto__' } });
    const daemon = await startWarmUp(scene, { at: ['06:00', '07:00'], perDay: 2 });
    await daemon.until(SIX + HOUR_MS);
    expect(reported(scene)).toEqual(['started', 'window-running']);
  });
});

describe('a machine that slept at the time', () => {
  test.each([
    ['skip', 2, 'started'],
    ['skip', 3, 'missed'],
    ['30m', 30, 'started'],
    ['30m', 31, 'missed'],
  ] as const)('with missed %j, %i min late: %s', async (missed, late, expected) => {
    const scene = working();
    const daemon = await startWarmUp(scene, { missed });
    await daemon.until(SIX - HOUR_MS);
    await daemon.sleepUntil(SIX + late * MINUTE_MS);
    await daemon.until(SIX + 20 * HOUR_MS);
    expect(reported(scene)).toEqual([expected]);
  });

  test('has one run for all times of a sleep, the last one, which may still be made up for', async () => {
    const scene = working();
    const at = ['06:00', '11:00', '17:00'];
    const daemon = await startWarmUp(scene, { at, perDay: 3, missed: '30m' });
    await daemon.sleepUntil(SIX + 2 * DAY_MS + 5.2 * HOUR_MS);
    expect(scene.runs).toMatchObject([{ result: 'started', plannedAt: SIX + 2 * DAY_MS + 5 * HOUR_MS }]);
    expect(scene.runs[0]?.message).toMatch(/ 7 earlier times passed too\.$/);
    await daemon.until(SIX + 2 * DAY_MS + 11 * HOUR_MS);
    expect(reported(scene)).toEqual(['started', 'started']);
  });

  test.each([{ skip: ['2026-01-06'] }, { days: ['mon' as const] }])(
    'does not make up for it on a day off: %j',
    async off => {
      const scene = working();
      const daemon = await startWarmUp(scene, { at: ['23:30'], missed: '3h', ...off });
      await daemon.sleepUntil(SIX + 19 * HOUR_MS);
      expect([reported(scene), scene.prompts]).toEqual([['missed'], []]);
    },
  );

  test('is not blamed for the wait for another warm-up', async () => {
    const program = '/bin/claude';
    const scene = working({ programs: { work: { program, variables: {}, account: 'other' } } });
    const daemon = new WarmUpProcess(scene);
    scene.sent = () => {
      scene.now += 3 * MINUTE_MS;
      scene.real += 3 * MINUTE_MS;
      return started(scene);
    };
    await daemon.start({ id: 'one' });
    await daemon.start({ id: 'two', session: 'work' });
    await daemon.until(SIX);
    expect(reported(scene)).toEqual(['started', 'started']);
  });

  test('and sleeps again during the checks sends nothing when it wakes up', async () => {
    const scene = working({
      look: async () => {
        scene.now += HOUR_MS;
        return undefined;
      },
    });
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX);
    expect([reported(scene), scene.prompts]).toEqual([['missed'], []]);
  });
});

describe('a daemon that did not run at the time', () => {
  test.each([
    [MINUTE_MS, 'just after it'],
    [10 * HOUR_MS, 'later'],
  ])('and starts %i ms later (%s) sends nothing, and says so', async late => {
    const scene = working();
    await (await startWarmUp(scene)).stop();
    scene.now = SIX + late;
    const daemon = await startWarmUp(scene, { missed: '3h' });
    await daemon.until(SIX + 20 * HOUR_MS);
    expect(scene.runs).toMatchObject([{ result: 'skipped', reason: 'not-running', plannedAt: SIX }]);
    expect(scene.prompts).toEqual([]);
  });

  test('and starts at the time itself sends nothing before the next', async () => {
    const scene = working();
    await (await startWarmUp(scene)).stop();
    scene.now = SIX;
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX + DAY_MS);
    expect(reported(scene)).toEqual(['not-running', 'started']);
    expect(times(scene)).toEqual([SIX + DAY_MS]);
  });

  test('that stops during a prompt stops it, and the next one says that the answer is not known', async () => {
    const scene = warmUpScene({ sent: () => new Promise<Sent>(() => undefined) });
    const stopped = await startWarmUp(scene);
    await stopped.ringAt(SIX);
    await expect.poll(() => scene.prompts.length).toBe(1);
    await stopped.stop();
    expect(scene.prompts[0]?.context.signal.aborted).toBe(true);
    expect(scene.runs).toEqual([]);
    scene.now += MINUTE_MS;
    const daemon = await startWarmUp(scene);
    expect(scene.runs).toMatchObject([{ result: 'failed', plannedAt: SIX }]);
    expect(scene.runs[0]?.message).toContain('The prompt may have been sent.');
    await daemon.stop();
  });
});

const week = (usedPercent: number): UsageWindow => ({ kind: 'week', usedPercent, resetsAt: SIX + DAY_MS });
const short = (startsAt: number): UsageWindow => ({ kind: 'short', startsAt, resetsAt: startsAt + 5 * HOUR_MS });
const stateOf = (state: object, more: Partial<Session> = {}): Session => ({
  ...aliveSession(),
  ...more,
  state: { hint: 'Sign in.', failures: 0, tries: 1, wakeAt: SIX, wakeWhy: '', ...state } as Session['state'],
});
const offline = stateOf({ name: 'waiting', why: 'offline' }, { expiresAt: SIX - HOUR_MS });

describe('a prompt is not sent', () => {
  test.each<[string, Parameters<typeof warmUpScene>[0], string]>([
    ['while a person uses the program', { processes: [{ pid: 1, name: 'claude', command: 'claude' }] }, 'in-use'],
    ['while a person uses it, on Windows', { processes: [{ pid: 1, name: 'claude.exe' }] }, 'in-use'],
    [
      'while a person asks about such a server',
      { processes: [{ pid: 1, name: 'claude', command: 'claude "start the mcp server"' }] },
      'in-use',
    ],
    [
      'while a person asks about that server by its name',
      { processes: [{ pid: 1, name: 'claude', command: '/bin/claude -p "what does claude mcp serve do"' }] },
      'in-use',
    ],
    ['if the running programs cannot be listed', { processes: undefined }, 'in-use'],
    ['while a window runs that the vendor reports', { look: async () => [short(SIX - HOUR_MS)] }, 'window-running'],
    ['when the week is used up', { look: async () => [week(100)] }, 'week-used-up'],
    ['without its program', { program: { variables: {} } }, 'no-program'],
    ['for a session that is not known', { session: undefined }, 'not-signed-in'],
    ['for a vendor without warm-ups', { session: aliveSession('claude', 'gemini') }, 'unsupported'],
    ['for a vendor of an odd name', { session: aliveSession('claude', 'constructor') }, 'unsupported'],
    ['while a login is required', { session: stateOf({ name: 'halted', why: 'login-required' }) }, 'not-signed-in'],
    ['while it fails', { session: stateOf({ name: 'halted', why: 'too-many-failures' }) }, 'not-signed-in'],
    [
      'while it is paused and has ended',
      { session: stateOf({ name: 'halted', why: 'paused' }, { expiresAt: SIX - HOUR_MS }) },
      'not-signed-in',
    ],
    ['while it is offline', { session: offline }, 'not-signed-in'],
  ])('%s', async (_what, given, reason) => {
    const scene = working(given);
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX);
    expect(scene.runs).toMatchObject([{ result: 'skipped', reason, windows: [] }]);
    expect(scene.prompts).toEqual([]);
    expect((await warmUpState(scene)).accounts['claude:account']?.claimedAt).toBeUndefined();
  });

  test('while a window runs that was reported before', async () => {
    const scene = working();
    const daemon = await startWarmUp(scene, { at: ['06:00', '10:00', '11:00'], perDay: 3 });
    await daemon.until(SIX + 6 * HOUR_MS);
    expect(reported(scene)).toEqual(['started', 'window-running', 'started']);
  });
});

describe('what the vendor reported with the last prompt', () => {
  test('holds until its reset: a week that is used up', async () => {
    const resetsAt = SIX + 2 * DAY_MS + HOUR_MS;
    const scene = working();
    scene.sent = () => ({
      result: 'answered',
      windows: [short(scene.now), { kind: 'week', usedPercent: 100, resetsAt }],
    });
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX + 3 * DAY_MS);
    expect(reported(scene)).toEqual(['started', 'week-used-up', 'week-used-up', 'started']);
  });

  test('holds until its reset: a window that ends later than it should', async () => {
    const scene = working();
    scene.sent = () => ({ result: 'answered', windows: [short(scene.now + 30 * MINUTE_MS)] });
    const daemon = await startWarmUp(scene, { at: ['06:00', '11:15', '11:45'], perDay: 3 });
    await daemon.until(SIX + 6 * HOUR_MS);
    expect(reported(scene)).toEqual(['started', 'window-running', 'started']);
  });

  test.each([
    ['at the floor of the hour', 0, 'started'],
    ['just before the prompt, by another clock', 26, 'started'],
    ['since another prompt in the same hour', 10, 'running'],
    ['since the hour before', -60, 'running'],
  ])('says what began the window: %s', async (_what, minute, result) => {
    const scene = working();
    scene.sent = () => ({ result: 'answered', windows: [short(SIX + minute * MINUTE_MS)] });
    const daemon = await startWarmUp(scene, { at: ['06:30'] });
    await daemon.until(SIX + HOUR_MS);
    expect(reported(scene)).toEqual([result]);
  });
});

describe('a prompt is sent', () => {
  test.each<[string, Parameters<typeof warmUpScene>[0]]>([
    ['beside the server of an editor', { processes: [{ pid: 1, name: 'claude', command: '/bin/claude mcp serve' }] }],
    [
      'beside a renewal by keepalive',
      { processes: [{ pid: 1, name: 'claude', command: 'claude auth status --json' }] },
    ],
    [
      'beside a server in an odd folder',
      { processes: [{ pid: 1, name: 'claude', command: '"/home/claude/x y/claude" mcp' }] },
    ],
    ['beside another program', { processes: [{ pid: 1, name: 'vim', command: 'vim claude' }] }],
    ['if the windows cannot be read', { look: () => Promise.reject(new Error('odd')) }],
    ['if the windows are not known', { look: async () => undefined }],
    ['after a window that has ended', { look: async () => [short(SIX - 5 * HOUR_MS), week(99)] }],
    ['after a renewal that made the session alive', { session: offline, refresh: () => aliveSession() }],
  ])('%s', async (_what, given) => {
    const scene = working(given);
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX);
    expect(reported(scene)).toEqual(['started']);
    expect(scene.requests.includes('session/refresh')).toBe(given?.session !== undefined);
  });
});
