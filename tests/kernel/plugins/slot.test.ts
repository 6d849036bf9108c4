import { expect, test } from 'vitest';
import type { Loaded } from '../../../kernel/plugins/loader.ts';
import { duplicates, infoOf, inUse, slotFor, type Slot } from '../../../kernel/plugins/slot.ts';

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
