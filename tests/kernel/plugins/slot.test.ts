import { expect, test } from 'vitest';
import type { Loaded } from '../../../kernel/plugins/loader.ts';
import { duplicates, infoOf, slotFor, type Slot } from '../../../kernel/plugins/slot.ts';

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
