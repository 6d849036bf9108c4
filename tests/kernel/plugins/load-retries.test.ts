import { expect, test } from 'vitest';
import { LoadRetries } from '../../../kernel/plugins/load-retries.ts';
import { failed, slotFor } from '../../../kernel/plugins/slot.ts';
import { KeepaliveError, type ErrorCode } from '../../../sdk/contract/errors.ts';

const MINUTE = 60_000;

/** The minutes after which a plugin is loaded again that fails so often, each time with one of the codes. */
function waits(codes: readonly ErrorCode[]): readonly number[] {
  const at: number[] = [];
  const began = Date.now();
  const retries = new LoadRetries(
    { at: time => (at.push(Math.round((time - began) / MINUTE)), () => undefined) },
    { armed: true },
  );
  const slot = slotFor({ entry: './mine.mjs', at: 0, isAuto: false, added: undefined });
  for (const code of codes) retries.plan(slot, failed('./mine.mjs', new KeepaliveError(code)), () => undefined);
  return at;
}

test('a plugin that was too slow or threw is loaded again, after twice as long each time, up to an hour', () => {
  expect(waits(['KA_PLUGIN_TIMEOUT', 'KA_PLUGIN_FAILED', 'KA_PLUGIN_TIMEOUT'])).toEqual([1, 2, 4]);
  expect(waits(Array.from({ length: 8 }, () => 'KA_PLUGIN_FAILED' as const)).at(-1)).toBe(60);
});

test('a plugin that is wrong waits for another configuration', () => {
  expect(waits(['KA_PLUGIN_INVALID', 'KA_PLUGIN_NOT_FOUND', 'KA_PLUGIN_API'])).toEqual([]);
});
