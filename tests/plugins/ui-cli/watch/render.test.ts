import { expect, test } from 'vitest';
import { digestOf } from '../../../../plugins/ui-cli/render/board.ts';
import { plain } from '../../../../plugins/ui-cli/render/view.ts';
import { EMPTY, type WatchModel } from '../../../../plugins/ui-cli/watch/model.ts';
import { renderWatch } from '../../../../plugins/ui-cli/watch/render.ts';
import { divide, type Lines } from '../../../../plugins/ui-cli/watch/room.ts';
import type { Session, SessionState } from '../../../../sdk/contract/session.ts';
import { ALIVE, attempt, MINUTE, NOW, session, SESSIONS } from '../fake-kernel.ts';

const keys = { quit: { about: 'leave; keepalive goes on', now: () => undefined }, hasKeys: true };

type Shown = Partial<WatchModel> & { readonly height?: number; readonly former?: Map<string, number> };

function pictureOf(sessions: readonly Session[], { height, former = new Map(), ...model }: Shown = {}) {
  const digest = digestOf({ sessions, plugins: [], notices: [] }, NOW);
  const view = { now: NOW, width: 80, height, paint: plain };
  const { text, sessions: rows } = renderWatch({ digest, model: { ...EMPTY, ...model }, keys, former }, view);
  return { lines: text.split('\n'), rows: rows.map(({ id }) => id) };
}

const many = (count: number, of: (id: string, at: number) => Session) =>
  Array.from({ length: count }, (_, at) => of(`s${at}`, at));
const failing = (at: number): SessionState => ({
  name: 'waiting',
  why: 'backoff',
  failures: 2,
  tries: 2,
  wakeAt: NOW + MINUTE,
  wakeWhy: 'retry',
  hint: `Answer ${at}`,
});
const alive = (id: string) => session(id, ALIVE);
const events = Array.from({ length: 8 }, () => ({ kind: 'attempt', at: NOW, attempt: attempt('s1') }) as const);

test('what fits is shown whole', () => {
  const { lines, rows } = pictureOf(SESSIONS, { height: 22, events: events.slice(0, 2) });
  expect(rows).toEqual(['codex', 'acme-work', 'claude', 'web']);
  expect(lines.map(line => line.slice(0, 14).trimEnd())).toEqual([
    '✗ 2 of 4 sessi',
    '',
    'ID         STA',
    'codex      ✗ l',
    'acme-work  ▲ f',
    'claude     ● a',
    'web        ‖ p',
    '',
    '✗ codex: Sign',
    '▲ acme-work: T',
    '  `keepalive e',
    '',
    '2026-03-10 12:',
    '2026-03-10 12:',
    '',
    'q leave · r re',
  ]);
});

test('more sessions than rows: the selected one and the keys stay in sight', () => {
  const { lines } = pictureOf(many(60, alive), { selected: 's45', height: 23 });
  expect(lines).toHaveLength(23);
  expect(lines.some(line => line.startsWith('›  s45'))).toBe(true);
  expect(lines).toContainEqual(expect.stringMatching(/^ +ID +STATE/));
  expect(lines.at(-3)).toBe('… 36 more above, 5 below');
  expect(lines.at(-1)).toBe('q leave · r refresh now · p pause or resume · ↑↓ select · ? help');
});

test('more sessions than rows: what needs the user and the last events stay in sight', () => {
  const sessions = many(60, (id, at) => (at % 10 === 7 ? session(id, failing(at)) : alive(id)));
  const { lines, rows } = pictureOf(sessions, { events, height: 23 });
  expect(lines).toHaveLength(23);
  expect(rows.slice(0, 4)).toEqual(['s7', 's17', 's27', 's37']);
  expect(lines.filter(line => line.startsWith('▲ s'))).toHaveLength(3);
  expect(lines).toContain('… more: `keepalive status` shows all');
  expect(lines.filter(line => line.startsWith('2026-'))).toHaveLength(4);
});

test('only rows that are shown are rendered', () => {
  const names: string[] = [];
  const watched = many(10_000, id => ({
    ...alive(id),
    get account() {
      names.push(id);
      return undefined;
    },
  }));
  const { rows } = pictureOf(watched, { height: 23 });
  expect(new Set(names)).toEqual(new Set(rows));
  expect(rows.length).toBeLessThan(23);
});

test('columns stay where they are while a long table is scrolled', () => {
  const sessions = many(60, (id, at) => (at === 1 ? session('a-long-name', ALIVE) : alive(id)));
  const former = new Map<string, number>();
  const titles = (selected: string) => pictureOf(sessions, { height: 23, former, selected }).lines[0];
  expect(titles('s0')).toBe(titles('s59'));
});

test.each<[room: number, wanted: Lines, given: Lines]>([
  [20, { table: 4, remarks: 2, events: 8 }, { table: 4, remarks: 2, events: 8 }],
  [20, { table: 50, remarks: 0, events: 0 }, { table: 20, remarks: 0, events: 0 }],
  [20, { table: 50, remarks: 9, events: 8 }, { table: 9, remarks: 4, events: 5 }],
  [20, { table: 5, remarks: 30, events: 8 }, { table: 5, remarks: 8, events: 5 }],
  [4, { table: 50, remarks: 9, events: 8 }, { table: 2, remarks: 0, events: 1 }],
  [0, { table: 50, remarks: 9, events: 8 }, { table: 2, remarks: 0, events: 0 }],
])('%i lines for %j are divided into %j', (room, wanted, given) => {
  expect(divide(room, wanted)).toEqual(given);
});
