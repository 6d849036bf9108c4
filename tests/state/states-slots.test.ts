import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slots, type Change, type Write } from '../../state/states-slots.ts';
import { readableContent, type StatesSection } from '../../sdk/contract/states-layout.ts';
import { runs } from '../support/runs.ts';

const ID = '0123456789abcdef';

/** A file in memory. `shown` is what a reader finds in it, notices by their ids. */
function fileOf(entries: Readonly<Record<StatesSection, Map<string, unknown>>>) {
  const slots = new Slots(ID);
  let bytes = Buffer.from([...slots.layOut(1, entries)].join(''));
  const write = ({ at, text }: Write): void => {
    const added = Buffer.from(text);
    const next = Buffer.alloc(Math.max(bytes.length, at + added.length));
    bytes.copy(next);
    added.copy(next, at);
    bytes = next;
  };
  const shown = () => {
    const { version, changes, sessions, notices, ...members } = JSON.parse(bytes.toString('utf8'));
    expect([version, changes]).toEqual([1, ID]);
    const byId = notices.map((notice: { readonly id: string }): [string, unknown] => [notice.id, notice]);
    return { members, sessions, notices: Object.fromEntries(byId), count: byId.length };
  };
  return { slots, write, shown, text: () => bytes.toString('utf8'), size: () => bytes.length };
}

const asObjects = (entries: Readonly<Record<StatesSection, ReadonlyMap<string, unknown>>>) => ({
  members: Object.fromEntries(entries.members),
  sessions: Object.fromEntries(entries.sessions),
  notices: Object.fromEntries(entries.notices),
  count: entries.notices.size,
});

const id = fc.constantFrom('a', 'b', 'ä', 'long-name', '__proto__', 'x"y\\', '7');
const filling = fc
  .tuple(fc.nat(1_500), fc.constantFrom('x', 'ü', '"'))
  .map(([length, letter]) => letter.repeat(length));
const step = fc.oneof(
  fc.record({ section: fc.constant('sessions' as const), key: id, value: fc.option(filling) }),
  fc.record({ section: fc.constant('notices' as const), key: id, value: fc.option(filling) }),
  fc.record({
    section: fc.constant('members' as const),
    key: fc.constantFrom('stoppedAt', 'kept', 'other'),
    value: fc.option(filling),
  }),
);
type Step = { readonly section: StatesSection; readonly key: string; readonly value: string | null };

const noticeStep = (key: string, value: string | null): Step => ({ section: 'notices', key, value });
/** The first entry goes while the second, which is the first then, changes. */
const FIRST_GOES: [Step[], Step[][]] = [
  [noticeStep('a', ''), noticeStep('b', '')],
  [[noticeStep('a', null), noticeStep('b', '')]],
];

describe('after every write the file is valid JSON, and after every group it shows all changes', () => {
  test('for any changes in any groups', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.array(fc.array(step, { maxLength: 5 })), (initial, groups) => {
        const entries = { members: new Map(), notices: new Map(), sessions: new Map() };
        const apply = ({ section, key, value }: Step): Change => {
          const content =
            section === 'sessions' ? { hint: value } : section === 'notices' ? { id: key, body: value } : value;
          if (value === null) entries[section].delete(key);
          else entries[section].set(key, content);
          return { section, key, json: value === null ? undefined : JSON.stringify(content) };
        };
        initial.forEach(apply);
        let file = fileOf(entries);
        expect(file.shown()).toEqual(asObjects(entries));
        for (const group of groups) {
          const changes = new Map(group.map(one => [`${one.section} ${one.key}`, apply(one)]));
          const writes = file.slots.patch(changes.values());
          if (!writes) file = fileOf(entries);
          for (const one of writes ?? []) {
            file.write(one);
            file.shown();
          }
          expect(file.shown()).toEqual(asObjects(entries));
          expect(file.size()).toBe(file.slots.size);
        }
      }),
      { ...runs(500, 20_000), examples: [FIRST_GOES] },
    );
  });
});

const entriesOf = (count: number) => ({
  members: new Map<string, unknown>(),
  notices: new Map<string, unknown>(),
  sessions: new Map(Array.from({ length: count }, (_, n) => [`s${n}`, { hint: 'x'.repeat(100) }])),
});
const changeOf = (key: string, length: number): Change => ({
  section: 'sessions',
  key,
  json: JSON.stringify({ hint: 'y'.repeat(length) }),
});
const lengthOf = (writes: readonly Write[] | undefined) => writes?.reduce((sum, { text }) => sum + text.length, 0);

test('a change writes no more than its line, however many sessions there are', () => {
  const written = [10, 10_000].map(count => {
    const { slots } = fileOf(entriesOf(count));
    return [100, 101, 99, 400].map(length => lengthOf(slots.patch([changeOf('s5', length)])));
  });
  expect(written[0]).toEqual(written[1]);
  expect(Math.max(...written.flat().map(Number))).toBeLessThan(450);
});

test('neighbours that change together are written at once', () => {
  const { slots } = fileOf(entriesOf(100));
  const changes = Array.from({ length: 50 }, (_, n) => changeOf(`s${n + 10}`, 120));
  expect(slots.patch(changes.toReversed())).toHaveLength(1);
});

test('a file that is more than half empty is worn', () => {
  const { slots } = fileOf(entriesOf(20));
  const remove = (n: number): Change => ({ section: 'sessions', key: `s${n}`, json: undefined });
  slots.patch(Array.from({ length: 10 }, (_, n) => remove(n)));
  expect(slots.isWorn).toBe(false);
  slots.patch(Array.from({ length: 10 }, (_, n) => remove(n + 10)));
  expect(slots.isWorn).toBe(true);
});

test('every half-written line leaves the others readable', () => {
  const entries = entriesOf(20);
  const { slots, write, text } = fileOf(entries);
  const before = Buffer.from(text());
  const [change] = slots.patch([changeOf('s5', 150)]) ?? [];
  if (!change) throw new Error('Nothing was written.');
  for (let length = 0; length <= change.text.length; length += 1) {
    write({ at: 0, text: before.toString('utf8') });
    write({ ...change, text: change.text.slice(0, length) });
    const { sessions } = Object(readableContent(text()));
    const { s5: _changed, ...others } = sessions;
    const expected = asObjects(entries).sessions;
    expect({ ...others, s5: expected['s5'] }).toEqual(expected);
  }
});
