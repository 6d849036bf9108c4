import { describe, expect, test } from 'vitest';
import { HOUR_MS, startWarmUp, warmUpScene } from '../../support/warm-up-scene.ts';

const SIX = Date.UTC(2026, 0, 5, 6, 0);
const DAY_MS = 24 * HOUR_MS;

/** Answered, with a window that began at six. */
const started = (at = SIX) => ({
  result: 'answered' as const,
  windows: [{ kind: 'short' as const, startsAt: at, resetsAt: at + 5 * HOUR_MS }],
});

describe('a warm-up', () => {
  test('sends one prompt at its time, and says when the window began and will reset', async () => {
    const scene = warmUpScene({ sent: () => started() });
    const daemon = await startWarmUp(scene);
    expect(scene.prompts).toEqual([]);
    await daemon.until(SIX + 12 * HOUR_MS);
    expect(scene.prompts.map(({ at }) => at)).toEqual([SIX]);
    expect(scene.runs).toMatchObject([
      { result: 'started', plannedAt: SIX, windows: [{ resetsAt: SIX + 5 * HOUR_MS }] },
    ]);
    await daemon.stop();
  });

  test('pauses itself after two without effect in a row', async () => {
    const scene = warmUpScene();
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX + 3 * DAY_MS);
    expect(scene.runs.map(({ result, reason }) => [result, reason])).toEqual([
      ['no-effect', undefined],
      ['no-effect', undefined],
      ['skipped', 'paused'],
      ['skipped', 'paused'],
    ]);
    expect(scene.prompts).toHaveLength(2);
    await daemon.stop();
  });

  test('is skipped while a person uses the program', async () => {
    const scene = warmUpScene({ processes: [{ pid: 1, name: 'claude', command: 'claude' }] });
    const daemon = await startWarmUp(scene);
    await daemon.until(SIX);
    expect(scene.runs).toMatchObject([{ result: 'skipped', reason: 'in-use' }]);
    expect(scene.prompts).toEqual([]);
    await daemon.stop();
  });
});
