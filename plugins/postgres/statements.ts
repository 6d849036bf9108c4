// Every time is the database's: no machine's clock is compared with another's. Each statement is a transaction of its
// own, so that it also works through a pooler that gives each transaction another connection.

/**
 * A machine is alive while its last heartbeat is younger than the lease. `$7`: the row may be taken from another run of
 * this installation, which has ended. Only a row that is inserted has no `xmax`.
 */
export const BEAT = `
  INSERT INTO keepalive.machines AS m (machine, instance, run, version, accepts, seen_at, alive_until)
  VALUES ($1, $2, $3, $4, $5, keepalive.clock(), keepalive.clock() + $6::float8 * interval '1 millisecond')
  ON CONFLICT (machine) DO UPDATE SET
    instance = excluded.instance, run = excluded.run, version = excluded.version, accepts = excluded.accepts,
    seen_at = excluded.seen_at, alive_until = excluded.alive_until
  WHERE m.run = excluded.run
    OR m.alive_until < keepalive.clock() OR ($7::boolean AND m.instance = excluded.instance)
  RETURNING m.xmax = 0 AS is_new,
    (SELECT last_value FROM keepalive.shown) AS shown, (SELECT last_value FROM keepalive.held) AS held,
    EXISTS (SELECT FROM keepalive.letters l WHERE l.machine = m.machine) AS has_letters`;

/** Removes what machines have shown: those that a query before it names `gone`. */
const SHOWN_BY_GONE = ['sessions', 'notices', 'holdings']
  .map(table => `${table} AS (DELETE FROM keepalive.${table} WHERE machine IN (SELECT machine FROM gone))`)
  .join(', ');

/** Removes what this installation, `$2`, showed under other names. */
export const FORGET = `
  WITH gone AS (DELETE FROM keepalive.machines WHERE instance = $2 AND machine <> $1 RETURNING machine),
    ${SHOWN_BY_GONE}
  SELECT machine FROM gone`;

/** Ends the leases of a run. */
export const LEAVE = `
  WITH released AS (UPDATE keepalive.logins SET run = '' WHERE machine = $1 AND run = $2 AND spent_at IS NULL)
  UPDATE keepalive.machines SET alive_until = keepalive.clock() WHERE machine = $1 AND run = $2`;

/** `$1` machine, `$2` run. */
export const IS_OURS = `EXISTS (SELECT FROM keepalive.machines WHERE machine = $1 AND run = $2)`;

/**
 * Shows what has changed here. `$3` sessions, `$4` ids that are gone, `$5` all others are gone too, `$6` and `$7`
 * notices, `$8` attempts.
 */
export const SHOW = `
  WITH gone AS (
    DELETE FROM keepalive.sessions WHERE machine = $1 AND (session = ANY ($4) OR ($5 AND session NOT IN
      (SELECT e->>'id' FROM jsonb_array_elements($3) e))) AND ${IS_OURS}
  ), put AS (
    INSERT INTO keepalive.sessions AS s (machine, session, body)
    SELECT $1, e->>'id', e FROM jsonb_array_elements($3) e WHERE ${IS_OURS}
    ON CONFLICT (machine, session) DO UPDATE SET body = excluded.body WHERE s.body <> excluded.body
  ), cleared AS (
    DELETE FROM keepalive.notices WHERE machine = $1 AND (notice = ANY ($7) OR ($5 AND notice NOT IN
      (SELECT e->>'id' FROM jsonb_array_elements($6) e))) AND ${IS_OURS}
  ), raised AS (
    INSERT INTO keepalive.notices AS n (machine, notice, body)
    SELECT $1, e->>'id', e FROM jsonb_array_elements($6) e WHERE ${IS_OURS}
    ON CONFLICT (machine, notice) DO UPDATE SET body = excluded.body WHERE n.body <> excluded.body
  ), recorded AS (
    INSERT INTO keepalive.attempts (machine, session, at, body)
    SELECT $1, e->>'id', keepalive.clock(), e FROM jsonb_array_elements($8) e WHERE ${IS_OURS}
  )
  SELECT nextval('keepalive.shown') AS shown, pg_notify('keepalive', 'shown:' || $1)`;

/** `$1`: the machines after this name, `$2` of them. The bodies are joined as text. */
export const LIST = `
  SELECT m.machine, m.version, m.accepts, (extract(epoch FROM keepalive.clock() - m.seen_at) * 1000)::float8 AS age,
    m.alive_until < keepalive.clock() AS is_silent,
    (SELECT '[' || coalesce(string_agg(s.body::text, ',' ORDER BY s.session), '') || ']'
      FROM keepalive.sessions s WHERE s.machine = m.machine)::json AS sessions,
    (SELECT '[' || coalesce(string_agg(n.body::text, ','), '') || ']'
      FROM keepalive.notices n WHERE n.machine = m.machine)::json AS notices
  FROM keepalive.machines m WHERE m.machine > $1 ORDER BY m.machine LIMIT $2`;

export const HISTORY = `
  SELECT machine, body FROM keepalive.attempts
  WHERE ($1::text IS NULL OR machine = $1) AND ($2::text IS NULL OR session = $2) ORDER BY at DESC LIMIT $3`;

/** What is older than 90 days, and machines that were not heard for as long. */
export const PRUNE = `
  WITH gone AS (
      DELETE FROM keepalive.machines WHERE seen_at < keepalive.clock() - interval '90 days' RETURNING machine
    ),
    ${SHOWN_BY_GONE},
    logins AS (DELETE FROM keepalive.logins l
      WHERE greatest(taken_at, spent_at) < keepalive.clock() - interval '90 days'
      AND NOT EXISTS (SELECT FROM keepalive.holdings h WHERE h.login = l.login)),
    letters AS (DELETE FROM keepalive.letters WHERE sent_at < keepalive.clock() - interval '1 day')
  DELETE FROM keepalive.attempts WHERE at < keepalive.clock() - interval '90 days'`;

const CLOCK_MS = `(extract(epoch FROM keepalive.clock()) * 1000)::float8`;

/** Daemons of machines, and whether a letter waits for this one. `$1` machine, `$2` run, `$3` the other machines. */
export const PEERS = `
  SELECT m.machine, m.run, m.alive_until > keepalive.clock() AS is_alive, ${CLOCK_MS} AS now,
    ${IS_OURS} AND EXISTS (SELECT FROM keepalive.letters WHERE machine = $1) AS has_letters
  FROM keepalive.machines m WHERE m.machine = ANY ($3)`;

/** `$1` machine, `$2` run, `$3` to, `$4` body. */
export const SEND = `
  WITH sent AS (
    INSERT INTO keepalive.letters (machine, sender, body, sent_at)
    SELECT $3, $1, $4, keepalive.clock() WHERE ${IS_OURS} RETURNING id
  )
  SELECT pg_notify('keepalive', 'letter:' || $3) FROM sent`;

/** Takes what was sent to this machine within the last minute, and drops the rest. */
export const RECEIVE = `
  WITH taken AS (
    DELETE FROM keepalive.letters WHERE machine = $1 AND ${IS_OURS} RETURNING id, sender, body, sent_at
  )
  SELECT t.sender, m.run, t.body, ${CLOCK_MS} AS now FROM taken t JOIN keepalive.machines m ON m.machine = t.sender
  WHERE t.sent_at > keepalive.clock() - interval '1 minute' ORDER BY t.id`;
