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

/** Ends the leases of a run. */
export const LEAVE = `
  UPDATE keepalive.machines SET alive_until = keepalive.clock() WHERE machine = $1 AND run = $2`;

const IS_ALIVE = `EXISTS (
  SELECT FROM keepalive.machines m
  JOIN keepalive.holdings h ON h.machine = m.machine AND h.session = l.session AND h.login = l.login AND h.kept
  WHERE m.machine = l.machine AND m.run = l.run AND m.alive_until > keepalive.clock())`;

/** `$1` machine, `$2` run. */
const IS_OURS = `EXISTS (SELECT FROM keepalive.machines WHERE machine = $1 AND run = $2)`;

/**
 * Takes the lease of a login, unless the session of another machine holds it, or another store has spent it. The epoch
 * only grows. Answers why not, as the statement found it. `$3` session, `$4` login, `$5` store.
 */
export const ACQUIRE = `
  WITH held AS (
    INSERT INTO keepalive.holdings AS h (machine, session, login, store, kept, since)
    SELECT $1, $3, $4, $5, true, keepalive.clock() WHERE ${IS_OURS}
    ON CONFLICT (machine, session) DO UPDATE
    SET login = excluded.login, store = excluded.store, kept = true, since = excluded.since
    WHERE h.login <> excluded.login OR h.store <> excluded.store OR NOT h.kept
  ), taken AS (
    INSERT INTO keepalive.logins AS l (login, epoch, machine, run, session, store, taken_at)
    SELECT $4, 1, $1, $2, $3, $5, keepalive.clock()
    FROM keepalive.machines WHERE machine = $1 AND run = $2 AND alive_until > keepalive.clock()
    ON CONFLICT (login) DO UPDATE SET
      epoch = l.epoch + 1, machine = excluded.machine, run = excluded.run, session = excluded.session,
      store = excluded.store, taken_at = excluded.taken_at
    WHERE (l.spent_at IS NULL OR l.store = excluded.store)
      AND (l.machine = excluded.machine OR NOT ${IS_ALIVE})
    RETURNING epoch
  )
  SELECT (SELECT epoch FROM taken) AS epoch,
    (SELECT row_to_json(f) FROM (
      SELECT l.machine, l.session, l.store, l.spent_at IS NOT NULL AS spent FROM keepalive.logins l WHERE l.login = $4
    ) f) AS found,
    EXISTS (
      SELECT FROM keepalive.machines WHERE machine = $1 AND run = $2 AND alive_until > keepalive.clock()
    ) AS alive`;

/** Records that a lease's token is spent, and takes that of its successor, while the lease holds. `$6` epoch. */
export const SETTLE = `
  WITH fence AS (
    UPDATE keepalive.logins SET spent_at = keepalive.clock()
    WHERE login = $4 AND epoch = $6 AND machine = $1 AND run = $2 RETURNING login
  ), next AS (
    INSERT INTO keepalive.logins (login, epoch, machine, run, session, store, taken_at)
    SELECT $7, 1, $1, $2, $3, $5, keepalive.clock() FROM fence
    ON CONFLICT (login) DO NOTHING
  ), held AS (
    UPDATE keepalive.holdings SET login = $7, since = keepalive.clock()
    WHERE machine = $1 AND session = $3 AND ${IS_OURS}
  )
  SELECT EXISTS (SELECT FROM fence) AS holds`;

/** Marks logins as spent that this machine renewed while it did not reach the database. `$3`: list of holdings. */
export const HOLD = `
  WITH given AS (
    SELECT * FROM jsonb_to_recordset($3) AS g (session text, login text, store text, kept boolean, spent text[])
    WHERE ${IS_OURS}
  ), gone AS (
    DELETE FROM keepalive.holdings WHERE machine = $1 AND (session = ANY ($4) OR ($5 AND session NOT IN
      (SELECT session FROM given))) AND ${IS_OURS}
  ), put AS (
    INSERT INTO keepalive.holdings AS h (machine, session, login, store, kept, since)
    SELECT $1, session, login, store, kept, keepalive.clock() FROM given
    ON CONFLICT (machine, session) DO UPDATE
    SET login = excluded.login, store = excluded.store, kept = excluded.kept,
      since = CASE WHEN h.login = excluded.login THEN h.since ELSE excluded.since END
    WHERE h.login <> excluded.login OR h.store <> excluded.store OR h.kept <> excluded.kept
  ), spent AS (
    INSERT INTO keepalive.logins AS l (login, epoch, machine, run, session, store, taken_at, spent_at)
    SELECT DISTINCT ON (s) s, 1, $1, $2, session, store, keepalive.clock(), keepalive.clock()
    FROM given, unnest(spent) AS s
    ON CONFLICT (login) DO UPDATE SET
      epoch = l.epoch + 1, machine = excluded.machine, run = excluded.run, session = excluded.session,
      store = excluded.store, spent_at = excluded.spent_at
    WHERE l.spent_at IS NULL
  )
  SELECT nextval('keepalive.held') AS held`;

/** What sessions of this machine share with those of other machines. */
export const SHARES = `
  SELECT mine.session, mine.store, l.machine AS holder_machine, l.session AS holder_session, l.store AS holder_store,
    l.spent_at IS NOT NULL AND l.store <> mine.store AS spent, l.login IS NOT NULL AND ${IS_ALIVE} AS alive,
    o.machine AS other_machine, o.session AS other_session, o.store AS other_store,
    o.is_alive AND o.since < mine.since AS is_first
  FROM keepalive.holdings mine
  LEFT JOIN keepalive.logins l ON l.login = mine.login
  LEFT JOIN LATERAL (
    SELECT h.machine, h.session, h.store, h.since, m.alive_until > keepalive.clock() AS is_alive
    FROM keepalive.holdings h JOIN keepalive.machines m ON m.machine = h.machine
    WHERE h.login = mine.login AND h.machine <> mine.machine AND h.kept
    ORDER BY h.store = mine.store, NOT m.alive_until > keepalive.clock(), since LIMIT 1
  ) o ON true
  WHERE mine.machine = $1 AND mine.kept
    AND (o.machine IS NOT NULL OR (l.spent_at IS NOT NULL AND l.store <> mine.store))`;

/** Says to all machines that listen what has changed. */
export const NOTIFY = `SELECT pg_notify('keepalive', $1)`;

/** `$3` sessions, `$4` ids that are gone, `$5` all others are gone too, `$6` and `$7` notices, `$8` attempts. */
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
  SELECT nextval('keepalive.shown') AS shown`;

/** `$1`: the machines after this name, `$2` of them. The bodies are joined as text. */
export const LIST = `
  SELECT m.machine, m.version, m.accepts, (extract(epoch FROM m.seen_at) * 1000)::float8 AS seen_at,
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
  WITH old AS (
      DELETE FROM keepalive.machines WHERE seen_at < keepalive.clock() - interval '90 days' RETURNING machine
    ),
    sessions AS (DELETE FROM keepalive.sessions WHERE machine IN (SELECT machine FROM old)),
    notices AS (DELETE FROM keepalive.notices WHERE machine IN (SELECT machine FROM old)),
    holdings AS (DELETE FROM keepalive.holdings WHERE machine IN (SELECT machine FROM old)),
    logins AS (DELETE FROM keepalive.logins l
      WHERE greatest(taken_at, spent_at) < keepalive.clock() - interval '90 days'
      AND NOT EXISTS (SELECT FROM keepalive.holdings h WHERE h.login = l.login)),
    letters AS (DELETE FROM keepalive.letters WHERE sent_at < keepalive.clock() - interval '1 day')
  DELETE FROM keepalive.attempts WHERE at < keepalive.clock() - interval '90 days'`;

export const SEND = `
  INSERT INTO keepalive.letters (machine, sender, body, sent_at)
  SELECT $3, $1, $4, keepalive.clock() WHERE ${IS_OURS}`;

/** Takes what was sent to this machine within the last minute, and drops the rest. */
export const RECEIVE = `
  WITH taken AS (
    DELETE FROM keepalive.letters WHERE machine = $1 AND ${IS_OURS} RETURNING id, sender, body, sent_at
  )
  SELECT sender, body FROM taken WHERE sent_at > keepalive.clock() - interval '1 minute' ORDER BY id`;
