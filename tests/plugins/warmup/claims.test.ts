import { describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { UsageWindow } from '../../../sdk/contract/rpc.ts';
import { fakeFiles } from '../../../sdk/testing/files.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import type { Sent } from '../../../plugins/warmup/driver.ts';
import {
  HOUR_MS,
  startWarmUp,
  WarmUpProcess,
  warmUpScene,
  warmUpState,
  type Scene,
  reported,
} from '../../support/warm-up-scene.ts';

const SIX = Date.UTC(2026, 0, 5, 6);
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

const answered = (...windows: readonly UsageWindow[]): Sent => ({ result: 'answered', windows });
const shortWindow = (startsAt: number): UsageWindow => ({ kind: 'short', startsAt, resetsAt: startsAt + 5 * HOUR_MS });
const started = (scene: Pick<Scene, 'now'>): Sent => answered(shortWindow(Math.floor(scene.now / HOUR_MS) * HOUR_MS));
const hours = ({ prompts }: Scene) => prompts.map(({ at }) => (at - SIX) / HOUR_MS);

describe('a claim', () => {
  test('is on the disk before the prompt is sent', async () => {
    const scene = warmUpScene();
    let onDisk: unknown;
    scene.sent = async () => {
      onDisk = (await warmUpState(scene)).accounts['claude:account'];
      return started(scene);
    };
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX);
    expect(onDisk).toMatchObject({ claimedAt: SIX, sent: [SIX] });
    expect(reported(scene)).toEqual(['started']);
  });

  test('keeps a daemon that starts after a kill from sending within the window, and says what is known', async () => {
    const scene = warmUpScene({ sent: () => new Promise<Sent>(() => undefined) });
    const killed = await startWarmUp(scene, { at: ['06:00', '07:00', '11:30'], perDay: 3 });
    await killed.ringAt(SIX);
    await expect.poll(() => scene.prompts.length).toBe(1);
    killed.kill();
    scene.sent = () => started(scene);
    const daemon = await startWarmUp(scene, { at: ['06:00', '07:00', '11:30'], perDay: 3 });
    await daemon.until(SIX + 6 * HOUR_MS);
    expect(hours(scene)).toEqual([0, 5.5]);
    expect(reported(scene)).toEqual(['failed', 'window-running', 'started']);
    expect(scene.runs[0]?.message).toContain('The prompt may have been sent.');
  });

  test('that was refused by the disk means that nothing is sent, and the next time is tried', async () => {
    const scene = warmUpScene({ sent: () => started(scene) });
    const { prepare } = scene.files;
    const daemon = await startWarmUp(scene);
    scene.files.prepare = async () => {
      throw new KeepaliveError('KA_STORE_UNWRITABLE', { path: 'warmup.json' });
    };
    await daemon.until(SIX);
    expect(scene.prompts).toEqual([]);
    expect(reported(scene)).toEqual(['error']);
    scene.files.prepare = prepare;
    await daemon.until(SIX + DAY_MS);
    expect(scene.prompts).toHaveLength(1);
  });

  test.each<[string, Scene['sent']]>([
    ['a refusal', () => ({ result: 'refused', reason: 'Not now.', windows: [] })],
    ['a failed program', () => ({ result: 'failed', reason: 'It ended with code 1.' })],
    [
      'an error that is thrown',
      () => {
        throw new Error('odd');
      },
    ],
    ['an answer without windows', () => answered()],
    [
      'windows that make no sense',
      () =>
        answered({ kind: 'short', resetsAt: NaN }, { kind: 'short', resetsAt: SIX * 1_000 }, shortWindow(SIX / 1_000)),
    ],
    ['only a window of a week', () => answered({ kind: 'week', resetsAt: SIX + 3 * DAY_MS })],
  ])('stays after %s, which has no effect', async (_what, sent) => {
    const scene = warmUpScene({ sent });
    const daemon = await startWarmUp(scene, { at: ['06:00', '10:59', '11:01'], perDay: 5 });
    await daemon.until(SIX + 6 * HOUR_MS);
    expect(scene.prompts.map(({ at }) => at)).toEqual([SIX, SIX + 5 * HOUR_MS + MINUTE_MS]);
    expect(scene.runs.map(({ message }) => message.startsWith('No effect'))).toEqual([true, false, true]);
    expect((await warmUpState(scene)).warmUps['morning']?.paused?.why).toContain('2 warm-ups in a row had no effect.');
  });

  test('ends with the window that the vendor reports', async () => {
    const scene = warmUpScene({ sent: () => answered(shortWindow(scene.now - 3 * HOUR_MS)) });
    const daemon = await startWarmUp(scene, { at: ['06:00', '07:59', '08:00'], perDay: 2 });
    await daemon.until(SIX + 3 * HOUR_MS);
    expect(hours(scene)).toEqual([0, 2]);
    expect(reported(scene)).toEqual(['running', 'window-running', 'running']);
  });

  test('of an account holds for all its warm-ups, also at the same moment', async () => {
    const scene = warmUpScene({ sent: () => started(scene) });
    const daemon = new WarmUpProcess(scene);
    const perDay = 2;
    await daemon.start({ id: 'one', perDay });
    await daemon.start({ id: 'two', session: 'copy', perDay });
    await daemon.until(SIX + HOUR_MS);
    expect(scene.prompts).toHaveLength(1);
    expect(reported(scene).toSorted()).toEqual(['started', 'window-running']);
  });

  test('of two accounts are two, one after the other', async () => {
    let sending = 0;
    const program = '/bin/claude';
    const scene = warmUpScene({ programs: { work: { program, variables: {}, account: 'other' } } });
    scene.sent = async () => {
      sending += 1;
      scene.processes = [{ pid: 7, name: 'claude', command: 'claude -p' }];
      // Another would get so far that it sees this one.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve));
      expect(sending).toBe(1);
      sending -= 1;
      scene.processes = [];
      return started(scene);
    };
    const daemon = new WarmUpProcess(scene);
    await daemon.start({ id: 'one' });
    await daemon.start({ id: 'two', session: 'work' });
    await daemon.until(SIX);
    expect(reported(scene)).toEqual(['started', 'started']);
  });

  test('holds for an account whose name is found out later, or cannot be read once', async () => {
    const scene = warmUpScene({ program: { program: '/bin/claude', variables: {} }, sent: () => started(scene) });
    const daemon = await startWarmUp(scene, { at: ['06:00', '07:00', '08:00'], perDay: 3 });
    await daemon.until(SIX);
    scene.program = { program: '/bin/claude', variables: {}, account: 'account' };
    await daemon.until(SIX + HOUR_MS);
    scene.program = { program: '/bin/claude', variables: {} };
    await daemon.until(SIX + 2 * HOUR_MS);
    expect(reported(scene)).toEqual(['started', 'window-running', 'window-running']);
  });

  test('holds for an account whose name can no longer be read', async () => {
    const scene = warmUpScene({ sent: () => started(scene) });
    const daemon = await startWarmUp(scene, { at: ['06:00', '07:00'], perDay: 3 });
    await daemon.until(SIX);
    scene.program = { program: '/bin/claude', variables: {} };
    await daemon.until(SIX + HOUR_MS);
    expect(reported(scene)).toEqual(['started', 'window-running']);
  });

  test('is not made by a warm-up that was removed while it was checked', async () => {
    const scene = warmUpScene();
    let looked = (): void => undefined;
    const looking = warmUpScene({
      files: scene.files,
      look: () => new Promise(resolve => (looked = () => resolve([]))),
    });
    const daemon = new WarmUpProcess(looking);
    const end = await daemon.start();
    await daemon.ringAt(SIX);
    await expect.poll(() => looking.requests).toContain('session/program');
    await new Promise(resolve => setImmediate(resolve));
    await end();
    looked();
    await new Promise(resolve => setImmediate(resolve));
    expect([looking.prompts, looking.runs]).toEqual([[], []]);
    expect((await warmUpState(scene)).accounts).toEqual({});
  });
});

describe('a damaged warmup.json', () => {
  test.each(['{"version":1,', '', '[]', '{"version":1,"warmUps":{"morning":{"runs":7}},"accounts":{}}'])(
    '%j is kept beside it, and nothing is sent for five hours',
    async text => {
      const path = locateHome().warmUps;
      const scene = warmUpScene({ now: SIX - HOUR_MS, files: fakeFiles({ [path]: text }), sent: () => started(scene) });
      const daemon = await startWarmUp(scene, { at: ['06:00', '09:59', '10:00'], perDay: 3 });
      expect(await scene.files.read(`${path}.damaged-${SIX - HOUR_MS}`)).toBe(text);
      await daemon.until(SIX + 5 * HOUR_MS);
      expect(hours(scene)).toEqual([4]);
      expect(reported(scene)).toEqual(['window-running', 'window-running', 'started']);
      expect(scene.runs[0]?.message).toContain('warmup.json was found damaged');
    },
  );

  test('of a newer version is left alone, and nothing is sent', async () => {
    const path = locateHome().warmUps;
    const text = '{"version":2}';
    const scene = warmUpScene({ files: fakeFiles({ [path]: text }) });
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX);
    expect(reported(scene)).toEqual(['error']);
    expect([scene.prompts, scene.files.changes, await scene.files.read(path)]).toEqual([[], [], text]);
  });
});

describe('the clock', () => {
  const BACK = [HOUR_MS, DAY_MS] as const;

  test.each(BACK)('set back by %i ms after a prompt does not lead to another in its window', async by => {
    const scene = warmUpScene({ sent: () => started(scene) });
    const daemon = await startWarmUp(scene, { at: ['06:00', '07:00', '08:00', '23:00'], perDay: 9 });
    await daemon.until(SIX + 30 * MINUTE_MS);
    await daemon.setClock(scene.now - by);
    await daemon.until(scene.now + 4 * HOUR_MS);
    expect(scene.prompts).toHaveLength(1);
    await daemon.until(scene.now + 2 * DAY_MS);
    expect(scene.prompts.length).toBeGreaterThan(1);
  });

  test('set back before a prompt only moves it', async () => {
    const scene = warmUpScene({ sent: () => started(scene) });
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX - 30 * MINUTE_MS);
    await daemon.setClock(SIX - HOUR_MS);
    await daemon.until(SIX);
    expect(hours(scene)).toEqual([0]);
  });

  test('far ahead and then right again does not end the plan', async () => {
    const scene = warmUpScene({ sent: () => started(scene) });
    const daemon = await startWarmUp(scene);
    await daemon.setClock(SIX + 3_650 * DAY_MS + HOUR_MS);
    expect(reported(scene)).toEqual(['missed']);
    await daemon.setClock(SIX - HOUR_MS);
    await daemon.until(SIX);
    expect(reported(scene)).toEqual(['missed', 'started']);
  });

  test('set ahead after a prompt does not lead to another in its window', async () => {
    const scene = warmUpScene({ sent: () => started(scene) });
    const daemon = await startWarmUp(scene, { at: ['06:00', '13:00'], perDay: 2 });
    await daemon.until(SIX + HOUR_MS);
    scene.now += 5.5 * HOUR_MS;
    await daemon.until(SIX + 7 * HOUR_MS);
    expect(reported(scene)).toEqual(['started', 'clock']);
  });

  test('is not suspected after a night of sleep', async () => {
    const scene = warmUpScene({ sent: () => started(scene) });
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX + HOUR_MS);
    await daemon.sleepUntil(SIX + DAY_MS);
    expect(reported(scene)).toEqual(['started', 'started']);
  });
});
