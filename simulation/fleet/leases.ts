import { ACQUIRE, FIND, HOLD, SETTLE, SHARES } from '../../plugins/postgres/lease-statements.ts';
import { hold } from './hold.ts';
import { isEarlier, keyOf, type HoldingRow, type LoginRow, type Statement, type Tables } from './tables.ts';

const acquire: Statement = (tables, values) => {
  const [machine = '', run = '', session = '', login = '', store = ''] = values.slice(0, 5).map(String);
  const now = tables.now();
  const leaseMs = Number(values[5]);
  const isSure = values[6] === null || Math.abs(now - Number(values[6])) < leaseMs / 3;
  const us = tables.isOurs(machine, run) && tables.isAlive(machine);
  const found = tables.logins.get(login);
  const isRecent = (row: LoginRow) => row.takenAt >= now - leaseMs && row.takenAt <= now + leaseMs / 3;
  const mayBeUsed = (row: LoginRow) => row.run !== '' && (!isSure || tables.isHeld(login, row) || isRecent(row));
  const wasOurs =
    found !== undefined &&
    found.run !== '' &&
    found.machine === machine &&
    (found.run === run || found.store === store);
  const first = firstOf(tables, { machine, session, login, store }, isSure);
  const isAnothers = found !== undefined && (found.machine !== machine || found.run !== run);
  const isSpent = found?.spentAt !== undefined && found.store !== store;
  const other = found && (isSpent || (isAnothers && mayBeUsed(found))) ? { ...found, spent: isSpent } : undefined;
  const mayTake = !found || ((found.spentAt === undefined || found.store === store) && (wasOurs || !mayBeUsed(found)));
  const isTaken = us && (!first || wasOurs) && mayTake;

  const hasChanged = tables.isOurs(machine, run) && keep(tables, { machine, session, login, store });
  if (isTaken) {
    const epoch = found ? found.epoch + (isAnothers ? 1 : 0) : 1;
    tables.logins.set(login, { epoch, machine, run, session, store, takenAt: now, spentAt: found?.spentAt });
  }
  if (!isTaken && hasChanged) tables.noteHeld(machine);
  const epoch = isTaken ? String(tables.logins.get(login)?.epoch) : null;
  return [{ epoch, alive: us, at: now, found: other ?? (first ? { ...first, spent: false } : null) }];
};

type Asked = Pick<HoldingRow, 'machine' | 'session' | 'login' | 'store'>;

/** The session of another machine that has held the login for longer. */
function firstOf(tables: Tables, asked: Asked, isSure: boolean): HoldingRow | undefined {
  const { machine, session, login, store } = asked;
  const own = tables.holdings.get(keyOf(machine, session));
  const isKept = own?.login === login && own.store === store && own.kept;
  const mine = { machine, since: isKept ? own.since : tables.now() };
  return [...tables.holdings.values()]
    .filter(row => row.login === login && row.machine !== machine && row.kept && isEarlier(row, mine))
    .filter(row => tables.machines.has(row.machine) && (!isSure || tables.isAlive(row.machine)))
    .toSorted((one, two) => (isEarlier(one, two) ? -1 : 1))[0];
}

/** A session that asks is kept. Returns whether that changes what is known of it. */
function keep(tables: Tables, asked: Asked): boolean {
  const key = keyOf(asked.machine, asked.session);
  const before = tables.holdings.get(key);
  if (before?.login === asked.login && before.store === asked.store && before.kept) return false;
  tables.holdings.set(key, { ...asked, kept: true, since: tables.now() });
  return true;
}

const find: Statement = (tables, [login, store]) => {
  const row = tables.logins.get(String(login));
  const spent = row ? [{ ...row, spent: row.spentAt !== undefined && row.store !== store }] : [];
  const held = [...tables.holdings.values()]
    .filter(each => each.login === login)
    .map(each => ({ ...each, spent: false }));
  return [...spent, ...held]
    .toSorted(
      (one, other) =>
        Number(other.spent) - Number(one.spent) || Number(one.store === store) - Number(other.store === store),
    )
    .slice(0, 1);
};

const settle: Statement = (tables, values) => {
  const [machine = '', run = '', session = '', login = '', store = '', epoch = '', after = ''] = values.map(String);
  const row = tables.logins.get(login);
  const holds = row !== undefined && String(row.epoch) === epoch && row.machine === machine && row.run === run;
  if (holds) row.spentAt = tables.now();
  const next = { epoch: 1, machine, run, session, store, takenAt: tables.now(), spentAt: undefined };
  if (holds && !tables.logins.has(after)) tables.logins.set(after, next);
  const holding = tables.holdings.get(keyOf(machine, session));
  if (holding && tables.isOurs(machine, run)) holding.login = after;
  const isShared = [...tables.holdings.values()].some(
    each => each.machine !== machine && (each.login === login || each.login === after),
  );
  if (isShared) tables.noteHeld(machine);
  return [{ holds }];
};

type Shared = {
  readonly rank: number;
  readonly counts: boolean;
  readonly since: number;
  readonly machine: string;
  readonly other: string;
  readonly is_ours: boolean;
  readonly spent: boolean;
  readonly same_store: boolean;
};

const shares: Statement = (tables, [machine]) =>
  tables
    .holdingsOf(String(machine))
    .toSorted((one, other) => (one.session < other.session ? -1 : 1))
    .flatMap(mine => {
      const found = [...sharedByLogin(tables, mine), ...sharedByCopies(tables, mine), ...returned(tables, mine)];
      const [first] = found.toSorted(
        (one, other) =>
          one.rank - other.rank ||
          Number(other.counts) - Number(one.counts) ||
          Number(one.is_ours) - Number(other.is_ours) ||
          one.since - other.since,
      );
      return first ? [{ session: mine.session, ...first, at: tables.now() }] : [];
    });

function sharedByLogin(tables: Tables, mine: HoldingRow): readonly Shared[] {
  const row = tables.logins.get(mine.login);
  if (!row) return [];
  const { machine, session, store, takenAt: since } = row;
  const shared = { counts: true, since, machine, other: session, is_ours: false };
  const isOwn = tables.holdingsOf(mine.machine).some(each => each.session === session && each.store === store);
  const isSpent = row.spentAt !== undefined && store !== mine.store && !(machine === mine.machine && isOwn);
  const isHeld = machine !== mine.machine && tables.isHeld(mine.login, row);
  return [
    ...(isSpent ? [{ ...shared, rank: 1, spent: true, same_store: false }] : []),
    ...(isHeld ? [{ ...shared, rank: 2, spent: false, same_store: store === mine.store }] : []),
  ];
}

function sharedByCopies(tables: Tables, mine: HoldingRow): readonly Shared[] {
  const row = tables.logins.get(mine.login);
  const isOurs = row !== undefined && row.machine === mine.machine && tables.isHeld(mine.login, row);
  return [...tables.holdings.values()]
    .filter(each => each.login === mine.login && each.machine !== mine.machine && tables.machines.has(each.machine))
    .map(each => ({
      rank: 3,
      counts: each.store !== mine.store,
      since: each.since,
      machine: each.machine,
      other: each.session,
      is_ours: isOurs || !(each.kept && tables.isAlive(each.machine) && (!mine.kept || isEarlier(each, mine))),
      spent: false,
      same_store: each.store === mine.store,
    }));
}

/** What this machine has renewed, and another has got back from a copy. */
function returned(tables: Tables, mine: HoldingRow): readonly Shared[] {
  return [...tables.holdings.values()].flatMap(({ machine, session, login, store, since }) => {
    const row = tables.logins.get(login);
    const isReturned =
      machine !== mine.machine &&
      row?.machine === mine.machine &&
      row.spentAt !== undefined &&
      row.session === mine.session;
    if (!isReturned || store === mine.store || store === row.store) return [];
    return [{ rank: 4, counts: true, since, machine, other: session, is_ours: true, spent: true, same_store: false }];
  });
}

export const LEASES = new Map<string, Statement>([
  [ACQUIRE, acquire],
  [FIND, find],
  [HOLD, hold],
  [SETTLE, settle],
  [SHARES, shares],
]);
