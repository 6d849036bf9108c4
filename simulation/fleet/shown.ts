import {
  BEAT,
  FORGET,
  HISTORY,
  LEAVE,
  LIST,
  PEERS,
  PRUNE,
  RECEIVE,
  SEND,
  SHOW,
} from '../../plugins/postgres/statements.ts';
import type { Statement, Tables } from './tables.ts';

const MINUTE = 60_000;

const beat: Statement = (tables, [machine, instance, run, version, accepts, leaseMs, mayTake]) => {
  const [name, now] = [String(machine), tables.now()];
  const before = tables.machines.get(name);
  const isItsOwn = before?.run === run || (mayTake === true && before?.instance === instance);
  if (before && !isItsOwn && before.aliveUntil >= now) return [];
  tables.machines.set(name, {
    instance: String(instance),
    run: String(run),
    version: String(version),
    accepts: accepts as readonly string[],
    seenAt: now,
    aliveUntil: now + Number(leaseMs),
  });
  const has_letters = tables.letters.some(letter => letter.machine === name);
  return [{ is_new: !before, shown: String(tables.shown), held: String(tables.held), has_letters }];
};

const forget: Statement = (tables, [machine, instance]) => {
  const gone = [...tables.machines].filter(([name, row]) => name !== machine && row.instance === instance);
  for (const [name] of gone) {
    for (const table of [tables.machines, tables.sessions, tables.notices]) table.delete(name);
    for (const [key, holding] of tables.holdings) if (holding.machine === name) tables.holdings.delete(key);
  }
  return gone.map(([name]) => ({ machine: name }));
};

const leave: Statement = (tables, [machine, run]) => {
  for (const row of tables.logins.values())
    if (row.machine === machine && row.run === run && row.spentAt === undefined) row.run = '';
  const found = tables.machines.get(String(machine));
  if (found && found.run === run) found.aliveUntil = tables.now();
  return [];
};

type Bodies = readonly { readonly id: string }[];

const show: Statement = (tables, [machine, run, sessions, gone, isAll, notices, cleared, attempts]) => {
  const name = String(machine);
  if (tables.isOurs(name, String(run))) {
    const put = (table: Tables['sessions'], json: unknown, ids: unknown): void => {
      const rows = isAll === true ? new Map<string, { readonly id: string }>() : (table.get(name) ?? new Map());
      for (const id of ids as readonly string[]) rows.delete(id);
      for (const body of JSON.parse(String(json)) as Bodies) rows.set(body.id, body);
      table.set(name, rows);
    };
    put(tables.sessions, sessions, gone);
    put(tables.notices, notices, cleared);
    for (const body of JSON.parse(String(attempts)) as Bodies) tables.record({ machine: name, session: body.id, body });
  }
  tables.shown += 1;
  tables.notify(`shown:${name}`);
  return [{ shown: tables.shown }];
};

const list: Statement = (tables, [after, limit]) =>
  [...tables.machines]
    .filter(([name]) => name > String(after))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, Number(limit))
    .map(([machine, { version, accepts, seenAt, aliveUntil }]) => ({
      machine,
      version,
      accepts,
      age: tables.now() - seenAt,
      is_silent: aliveUntil < tables.now(),
      sessions: [...(tables.sessions.get(machine)?.values() ?? [])],
      notices: [...(tables.notices.get(machine)?.values() ?? [])],
    }));

const history: Statement = (tables, [machine, session, limit]) =>
  tables.attempts
    .filter(row => (machine ?? row.machine) === row.machine && (session ?? row.session) === row.session)
    .toReversed()
    .slice(0, Number(limit));

const peers: Statement = (tables, [machine, run, others]) => {
  const isOurs = tables.isOurs(String(machine), String(run));
  const has_letters = isOurs && tables.letters.some(letter => letter.machine === machine);
  return (others as readonly string[]).flatMap(name => {
    const row = tables.machines.get(name);
    const now = tables.now();
    return row ? [{ machine: name, run: row.run, is_alive: row.aliveUntil > now, now, has_letters }] : [];
  });
};

const send: Statement = (tables, [machine, run, to, body]) => {
  const sender = String(machine);
  if (!tables.isOurs(sender, String(run))) return [];
  tables.letters.push({ machine: String(to), sender, body: String(body), sentAt: tables.now() });
  tables.notify(`letter:${String(to)}`);
  return [{}];
};

const receive: Statement = (tables, [machine, run]) => {
  if (!tables.isOurs(String(machine), String(run))) return [];
  const now = tables.now();
  const taken = tables.letters.filter(letter => letter.machine === machine);
  tables.letters = tables.letters.filter(letter => letter.machine !== machine);
  return taken.flatMap(({ sender, body, sentAt }) => {
    const row = tables.machines.get(sender);
    return row && sentAt > now - MINUTE ? [{ sender, run: row.run, body, now }] : [];
  });
};

/** What lasts for 90 days outlasts a simulation. */
const prune: Statement = () => [];

export const SHOWN = new Map<string, Statement>([
  [BEAT, beat],
  [FORGET, forget],
  [LEAVE, leave],
  [SHOW, show],
  [LIST, list],
  [HISTORY, history],
  [PEERS, peers],
  [SEND, send],
  [RECEIVE, receive],
  [PRUNE, prune],
  ['SELECT version, key_check FROM keepalive.meta', tables => [{ version: 1, key_check: tables.key }]],
  [
    'UPDATE keepalive.meta SET key_check = $1 WHERE key_check IS NULL',
    (tables, [check]) => {
      tables.key ??= String(check);
      return [];
    },
  ],
]);
