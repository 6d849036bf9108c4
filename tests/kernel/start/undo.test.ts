import { expect, test } from 'vitest';
import { Undo } from '../../../kernel/start/undo.ts';

test('cleanups run in reverse order, once each; one that fails or hangs does not skip others', async () => {
  const released: string[] = [];
  const failures: string[] = [];
  const undo = new Undo();
  undo.onFailure((label, error) => void failures.push(`${label}: ${String(error)}`));
  const release = (label: string) => () => void released.push(label);
  undo.push('guard', release('guard'));
  const publish = undo.reserve('endpoint');
  undo.push('throws', () => {
    throw new Error('broken');
  });
  undo.push('hangs', () => new Promise(() => undefined), 20);
  const early = undo.push('early', release('early'));
  undo.push('last', release('last'));
  publish(release('endpoint'));
  await early.now();
  await undo.all();
  await undo.all();
  expect(released).toEqual(['early', 'last', 'endpoint', 'guard']);
  expect(failures).toEqual([
    expect.stringContaining('hangs: Error: releasing: hangs took longer than 20 ms'),
    'throws: Error: broken',
  ]);
});
