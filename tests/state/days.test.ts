import { appendFileSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openDays } from '../../state/days.ts';
import { dayOf } from '../../state/day-counts.ts';
import { History } from '../../state/history.ts';
import { silentLog } from '../../runtime/log/log.ts';
import { DEFAULT_POLICY } from '../../sdk/contract/policy.ts';
import type { Attempt, Session, SessionRecord } from '../../sdk/contract/session.ts';
import { temporaryFolder } from '../support/real-context.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Noon, local time. */
const NOON = new Date(2026, 9, 12, 12).getTime();

let folder: string;
let now: number;

beforeEach(async () => {
  folder = await temporaryFolder();
  now = NOON;
});

const file = () => join(folder, 'days.json');
const attempt = (outcome: Attempt['outcome'], endedAt: number, more: Partial<Attempt> = {}): Attempt => ({
  id: 'codex',
  startedAt: endedAt - 1,
  endedAt,
  reason: 'schedule',
  method: 'redeem',
  outcome,
  failures: 0,
  ...more,
});
const session = (more: Partial<Session> = {}): Session => ({
  id: 'codex',
  displayName: 'Codex',
  provider: 'codex',
  method: 'redeem',
  policy: DEFAULT_POLICY,
  state: { name: 'alive', wakeAt: 1, wakeWhy: 'every 30m' },
  ...more,
});
const attempted = (...attempts: Attempt[]) =>
  appendFileSync(join(folder, 'history.jsonl'), attempts.map(one => `${JSON.stringify(one)}\n`).join(''));

/** A run of the daemon that begins now. */
const begin = (remembered: Record<string, SessionRecord> = {}, armed = true) =>
  openDays({
    file: file(),
    log: silentLog(),
    history: new History(join(folder, 'history.jsonl'), silentLog()),
    remembered: new Map(Object.entries(remembered)),
    startedAt: now,
    armed,
    now: () => now,
  });

describe('attempts', () => {
  test('are counted by local day and outcome', async () => {
    attempted(
      attempt('refreshed', NOON - DAY),
      attempt('refreshed', NOON, { code: 'KA_INEFFECTIVE' }),
      attempt('fresh', NOON),
      attempt('failed', NOON + 1),
      attempt('login-required', NOON + 2),
      attempt('offline', NOON + 3),
      attempt('deferred', NOON + 4),
      attempt('rate-limited', NOON + 5),
    );
    expect(await (await begin()).list({}, [])).toEqual([
      { id: 'codex', day: '2026-10-11', renewed: 1, checked: 0, failed: 0, lapsedMs: 0 },
      { id: 'codex', day: '2026-10-12', renewed: 0, checked: 1, failed: 3, lapsedMs: 0 },
    ]);
  });

  test('are each counted once, also after a clean end, a crash, and when the clock was set back', async () => {
    attempted(attempt('fresh', NOON));
    const first = await begin();
    await first.list({}, []);
    attempted(attempt('fresh', NOON + 1));
    await first.flush();
    attempted(attempt('fresh', NOON - HOUR));
    const crashed = await begin();
    await crashed.list({}, []);
    attempted(attempt('fresh', NOON - HOUR + 1));
    expect(await (await begin()).list({}, [])).toMatchObject([{ checked: 4 }]);
  });

  test('stay counted when the history has dropped them', async () => {
    attempted(attempt('fresh', NOON - 5 * DAY), attempt('fresh', NOON - DAY));
    await (await begin()).flush();
    writeFileSync(join(folder, 'history.jsonl'), '');
    attempted(attempt('fresh', NOON));
    const days = await begin();
    expect((await days.list({}, [])).map(({ day }) => day)).toEqual(['2026-10-07', '2026-10-11', '2026-10-12']);
    expect((await days.list({ days: 2 }, [])).map(({ day }) => day)).toEqual(['2026-10-11', '2026-10-12']);
    expect(await days.list({ id: 'other' }, [])).toEqual([]);
  });

  test('of a kernel without a daemon are left to the next daemon', async () => {
    attempted(attempt('fresh', NOON));
    const once = await begin({}, false);
    expect(await once.list({}, [])).toMatchObject([{ checked: 1 }]);
    await once.flush();
    expect(readdirSync(folder)).toEqual(['history.jsonl']);
  });
});

describe('a lapse', () => {
  const expired = { displayName: 'Codex', state: session().state, expiresAt: NOON - 14 * HOUR };

  test('is split at midnight, and ends with our renewal', async () => {
    const days = await begin();
    days.follow(session({ expiresAt: NOON + HOUR }));
    now = NOON + 13 * HOUR;
    const lastAttempt = attempt('refreshed', now);
    days.follow(session({ expiresAt: now + DAY, lastAttempt }));
    expect((await days.list({}, [session()])).map(({ day, lapsedMs }) => [day, lapsedMs / HOUR])).toEqual([
      ['2026-10-12', 11],
      ['2026-10-13', 1],
    ]);
  });

  test('that goes on is counted up to now, until the session is not kept any more', async () => {
    const days = await begin();
    days.follow(session({ expiresAt: NOON }));
    now += HOUR;
    expect(await days.list({}, [session()])).toMatchObject([{ lapsedMs: HOUR }]);
    expect(await days.list({}, [])).toMatchObject([{ lapsedMs: HOUR }]);
    now += HOUR;
    expect(await days.list({}, [])).toMatchObject([{ lapsedMs: HOUR }]);
  });

  test('includes the time without a daemon, if we ended it', async () => {
    now = NOON - 20 * HOUR;
    await (await begin()).flush();
    now = NOON;
    const days = await begin({ codex: expired });
    days.follow(session({ expiresAt: expired.expiresAt }));
    expect(await days.list({}, [session()])).toEqual([]);
    days.follow(session({ expiresAt: NOON + DAY, lastAttempt: attempt('refreshed', NOON) }));
    expect((await days.list({}, [session()])).map(({ lapsedMs }) => lapsedMs / HOUR)).toEqual([2, 12]);
  });

  test('does not include the time without a daemon, if the program has renewed meanwhile', async () => {
    now = NOON - 20 * HOUR;
    await (await begin()).flush();
    now = NOON;
    const days = await begin({ codex: expired });
    days.follow(session({ expiresAt: expired.expiresAt }));
    days.follow(session({ expiresAt: NOON + DAY, lastRenewedAt: NOON }));
    expect(await days.list({}, [session()])).toEqual([
      { id: 'codex', day: '2026-10-12', renewed: 1, checked: 0, failed: 0, lapsedMs: 0 },
    ]);
  });

  test('of a year is counted for the kept days only', async () => {
    now = NOON - 400 * DAY;
    await (await begin()).flush();
    now = NOON;
    const days = await begin({ codex: { ...expired, expiresAt: NOON - 365 * DAY } });
    await days.flush();
    const listed = await days.list({ days: 90 }, [session()]);
    expect([listed.length, listed[0]?.day]).toEqual([90, '2026-07-15']);
  });
});

describe('a day', () => {
  test.each([
    ['the clocks go forward', new Date(2026, 2, 29), 23],
    ['the clocks go back', new Date(2026, 9, 25), 25],
  ])('on which %s has its own length', async (_what, date, hours) => {
    const { TZ } = process.env;
    process.env['TZ'] = 'Europe/Berlin';
    onTestFinished(() => {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    });
    const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
    now = new Date(year, month, day - 1, 12).getTime();
    const days = await begin();
    days.follow(session({ expiresAt: now }));
    now = new Date(year, month, day + 1, 12).getTime();
    const listed = await days.list({}, [session()]);
    expect(listed.map(({ lapsedMs }) => lapsedMs / HOUR)).toEqual([12, hours, 12]);
  });
});

describe('days.json', () => {
  const MINUTE = 60_000;
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());
  const isWritten = () => readdirSync(folder).includes('days.json');

  test('is written an hour after the first of many changes, because the history has the attempts', async () => {
    const days = await begin();
    for (let change = 0; change < 100; change += 1) {
      days.follow(session({ expiresAt: NOON + DAY + change, lastAttempt: attempt('refreshed', now) }));
    }
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(59 * MINUTE);
    expect(isWritten()).toBe(false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    await days.list({}, []);
    expect(isWritten()).toBe(true);
  });

  test.each<[string, Partial<Session>]>([
    ['a lapse has ended', { expiresAt: NOON + DAY, lastAttempt: attempt('refreshed', NOON + MINUTE) }],
    ['another program has renewed', { expiresAt: NOON + DAY, lastRenewedAt: NOON + 1 }],
  ])('is written after five minutes if %s, because no other file has that', async (_what, more) => {
    const days = await begin();
    days.follow(session({ expiresAt: NOON + 1 }));
    now += MINUTE;
    days.follow(session(more));
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    await days.list({}, []);
    expect(isWritten()).toBe(true);
  });

  test('is written again five minutes after it could not be', async () => {
    const days = await begin();
    renameSync(folder, `${folder}-away`);
    await days.flush();
    renameSync(`${folder}-away`, folder);
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    await days.list({}, []);
    expect(isWritten()).toBe(true);
  });

  test('has every attempt before the history drops it, so a crash after that loses none', async () => {
    const history = new History(join(folder, 'history.jsonl'), silentLog());
    const days = await begin();
    history.beforeDrop(() => days.flush());
    const count = 100;
    for (let at = 0; at < count; at += 1) history.add(attempt('fresh', NOON + at, { message: 'x'.repeat(22_000) }));
    await history.close();
    expect(await history.list()).toHaveLength(count / 2);
    expect(await (await begin()).list({}, [])).toMatchObject([{ checked: count }]);
  });

  test('keeps 90 days, drops the future, keeps unknown members, and is private', async () => {
    const counts = { renewed: 1, checked: 0, failed: 0, lapsedMs: 0 };
    const at = (days: number) => dayOf(NOON + days * DAY);
    const days = Object.fromEntries([-90, -89, 0, 1, 2].map(offset => [at(offset), { codex: counts }]));
    writeFileSync(file(), JSON.stringify({ mood: 'good', version: 1, lapsesTo: NOON, days }));
    await (await begin()).flush();
    const written = JSON.parse(readFileSync(file(), 'utf8'));
    expect([Object.keys(written.days), written.mood, written.version]).toEqual([[at(-89), at(0), at(1)], 'good', 1]);
    if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test('that is damaged is set aside, what is good is kept, and the rest is counted again', async () => {
    const good = { renewed: 0, checked: 7, failed: 0, lapsedMs: 0 };
    const days = { '2026-10-01': { codex: good, broken: { checked: -1 } }, nonsense: 5 };
    writeFileSync(file(), JSON.stringify({ version: 1, lapsesTo: 'x', days }));
    attempted(attempt('fresh', NOON));
    expect(await (await begin()).list({}, [])).toMatchObject([{ checked: 7 }, { checked: 1 }]);
    expect(readdirSync(folder).some(name => name.startsWith('days.json.damaged-'))).toBe(true);
  });
});
