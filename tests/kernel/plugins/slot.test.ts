import { describe, expect, test } from 'vitest';
import type { Wanted } from '../../../kernel/plugins/entries.ts';
import type { Loaded } from '../../../kernel/plugins/loader.ts';
import { duplicates, infoOf, inUse, isOverridden, slotFor, slotsFor, type Slot } from '../../../kernel/plugins/slot.ts';

const loaded = (id: string, module: string): Loaded => ({
  plugin: { kind: 'notifier', id, raise: async () => undefined },
  module,
  info: { id, kind: 'notifier', module, status: 'loaded', loadMs: 1 },
});
const slot = (module: string, id?: string, more: Partial<Slot> = {}): Slot => ({
  ...slotFor({ entry: module }),
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
    modulesOf([
      slot('claude', 'claude', { dormant: { look: async () => undefined, unwatch: undefined } }),
      slot('./mine.ts', 'claude'),
    ]),
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
  const work: Wanted = { entry: ['codex', { id: 'work' }], added: 'work' };

  test('comes after the configuration, whose plugin with the same id overrides it', () => {
    const slots = slotsFor([{ entry: './mine.ts' }, work], undefined, []);
    expect(slots.map(({ entry, added }) => [entry, added])).toEqual([
      ['./mine.ts', undefined],
      [['codex', { id: 'work' }], 'work'],
    ]);
    for (const one of slots) one.result = loaded('work', 'any');
    for (const [one, failed] of duplicates(slots)) one.result = failed;
    expect(slots.map(isOverridden)).toEqual([false, true]);
  });

  test('keeps its slot when the user writes it into the configuration', () => {
    const [before] = slotsFor([work], undefined, []);
    if (before) before.result = loaded('work', 'codex');
    const [named, added] = slotsFor([{ entry: ['codex', { id: 'work' }] }, work], undefined, before ? [before] : []);
    expect(named).toBe(before);
    expect([named?.added, added?.added]).toEqual([undefined, 'work']);
  });
});

test("an entry of the user's wins over the one that 'auto' stands for, wherever it is", () => {
  const auto = slot('codex', 'codex', { isAuto: true });
  const own = slot('./mine.ts', 'codex');
  const work = slot('codex', 'codex-work');
  for (const slots of [
    [auto, own, work],
    [work, own, auto],
  ]) {
    expect(inUse(slots)).toEqual(slots.filter(one => one !== auto));
    expect(modulesOf(slots)).toEqual([]);
  }
  expect(inUse([auto, work])).toEqual([auto, work]);
});

test('a reload compares each entry with those of the same key, however many there are', () => {
  const readsPerSlot = (count: number) => {
    let reads = 0;
    const entries = Array.from({ length: count }, (_, at): Wanted => ({ entry: ['codex', { id: `work-${at}` }], at }));
    const former = entries.map(entry => {
      const { key, ...others } = slotFor(entry);
      const counting = {
        ...others,
        get key() {
          reads += 1;
          return key;
        },
      };
      return counting;
    });
    expect(slotsFor(entries.toReversed(), undefined, former)).toEqual(former.toReversed());
    return reads / count;
  };
  expect(readsPerSlot(1_000)).toBe(readsPerSlot(10));
});
