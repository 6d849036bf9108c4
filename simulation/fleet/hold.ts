import { keyOf, type HoldingRow, type Statement, type Tables } from './tables.ts';

type Given = Pick<HoldingRow, 'session' | 'login' | 'store' | 'kept'> & { readonly spent: readonly string[] };
/** What a machine says that it holds. */
type Report = {
  readonly machine: string;
  readonly run: string;
  readonly given: ReadonlyMap<string, Given>;
  readonly isGone: (session: string) => boolean;
};

/** HOLD: all parts of the statement see the tables as they were before it. */
export const hold: Statement = (tables, [name, which, rows, gone, isAll]) => {
  const [machine, run] = [String(name), String(which)];
  const isOurs = tables.isOurs(machine, run);
  const listed = JSON.parse(String(rows)) as readonly Given[];
  const given = new Map(listed.filter(() => isOurs).map(row => [row.session, row]));
  const isGone = (session: string) =>
    (gone as readonly string[]).includes(session) || (isAll === true && !given.has(session));
  const before = tables
    .holdingsOf(machine)
    .filter(({ session }) => isAll === true || isGone(session) || given.has(session));
  const renewed = renewedOf(tables, given);
  const concerned = new Set([...before.map(({ login }) => login), ...[...given.values()].map(({ login }) => login)]);
  for (const login of renewed.keys()) concerned.add(login);
  const isShared =
    [...tables.holdings.values()].some(row => row.machine !== machine && concerned.has(row.login)) ||
    [...given.values()].some(({ login, store }) => {
      const row = tables.logins.get(login);
      return row?.spentAt !== undefined && row.store !== store;
    });
  if (isOurs) apply(tables, { machine, run, given, isGone }, { before, renewed });
  if (isShared) tables.noteHeld(machine);
  return [{ is_shared: isShared }];
};

/** Tokens that a session renewed while the database was not reached. */
function renewedOf(tables: Tables, given: ReadonlyMap<string, Given>): ReadonlyMap<string, Given> {
  const found = new Map<string, Given>();
  for (const row of given.values())
    for (const token of row.spent)
      if (tables.logins.get(token)?.spentAt === undefined && !found.has(token)) found.set(token, row);
  return found;
}

type Changes = { readonly before: readonly HoldingRow[]; readonly renewed: ReadonlyMap<string, Given> };

function apply(tables: Tables, { machine, run, given, isGone }: Report, { before, renewed }: Changes): void {
  const now = tables.now();
  for (const { session, login } of before) {
    const row = tables.logins.get(login);
    const next = given.get(session);
    const isLeft = next ? !next.kept || next.login !== login : isGone(session);
    const isItsOwn = row?.machine === machine && row.run === run && row.session === session;
    if (row && isItsOwn && row.spentAt === undefined && !renewed.has(login) && isLeft) row.run = '';
  }
  for (const { session } of before) if (isGone(session)) tables.holdings.delete(keyOf(machine, session));
  for (const { session, login, store, kept } of given.values()) {
    const known = tables.holdings.get(keyOf(machine, session));
    const isSame = known?.login === login && Number(known.kept) >= Number(kept);
    const since = isSame ? known.since : now;
    tables.holdings.set(keyOf(machine, session), { machine, session, login, store, kept, since });
  }
  for (const [login, { session, store }] of renewed) {
    const known = tables.logins.get(login);
    const [epoch, takenAt] = [known ? known.epoch + 1 : 1, known?.takenAt ?? now];
    tables.logins.set(login, { epoch, machine, run, session, store, takenAt, spentAt: now });
  }
}
