import { describe, expect, test } from 'vitest';
import type { Loaded } from '../../../kernel/plugins/loader.ts';
import { duplicates, infoOf, isOverridden, slotFor, slotsFor, type Slot } from '../../../kernel/plugins/slot.ts';

const loaded = (id: string, module: string): Loaded => ({
  plugin: { kind: 'notifier', id, raise: async () => undefined },
  module,
  info: { id, kind: 'notifier', module, status: 'loaded', loadMs: 1 },
});
const slot = (module: string, id?: string, more: Partial<Slot> = {}): Slot => ({
  ...slotFor(module),
  ...(id && { result: loaded(id, module) }),
  ...more,
});
const modulesOf = (slots: readonly Slot[]) =>
  duplicates(slots).map(([{ entry }, { info }]) => [entry, info.error?.code]);

test('of two plugins with the same id, the second in the configuration is the duplicate, even if loaded first', () => {
  const [first, second] = [slot('./first.ts'), slot('./second.ts', 'same')];
  expect(modulesOf([first, second])).toEqual([]);
  first.result = loaded('same', './first.ts');
  expect(modulesOf([first, second])).toEqual([['./second.ts', 'KA_PLUGIN_DUPLICATE_ID']]);
});

test('a tool that is not on this machine does not occupy its id', () => {
  expect(
    modulesOf([slot('claude', 'claude', { dormant: { unwatch: () => undefined } }), slot('./mine.ts', 'claude')]),
  ).toEqual([]);
});

test('an entry without a result is shown as loading', () => {
  expect(infoOf(slot('./slow.ts'))).toEqual({
    id: './slow.ts',
    kind: 'unknown',
    module: './slow.ts',
    status: 'loading',
    loadMs: 0,
  });
});

describe('an added session', () => {
  const work = { plugin: 'codex', options: { id: 'work' } };

  test('comes after the configuration, whose plugin with the same id overrides it', () => {
    const slots = slotsFor(['./mine.ts'], undefined, [], [work]);
    expect(slots.map(({ entry, added }) => [entry, added])).toEqual([
      ['./mine.ts', undefined],
      [['codex', { id: 'work' }], 'work'],
    ]);
    for (const one of slots) one.result = loaded('work', 'any');
    for (const [one, failed] of duplicates(slots)) one.result = failed;
    expect(slots.map(isOverridden)).toEqual([false, true]);
  });

  test('keeps its slot when the user writes it into the configuration', () => {
    const [before] = slotsFor([], undefined, [], [work]);
    if (before) before.result = loaded('work', 'codex');
    const [named, added] = slotsFor([['codex', { id: 'work' }]], undefined, before ? [before] : [], [work]);
    expect(named).toBe(before);
    expect([named?.added, added?.added]).toEqual([undefined, 'work']);
  });
});
