import { IS_OURS } from './statements.ts';

// A statement sees what was committed before it began, but for the row of the login that it takes: of that it sees the
// newest version. So a lease that was just taken holds by its own row alone.

/** Its last heartbeat is younger than its lease. After the clock was set back, only a new heartbeat counts. */
const alive = (m: string): string =>
  `(${m}.alive_until > keepalive.clock()
    AND ${m}.seen_at - (${m}.alive_until - ${m}.seen_at) / 3 <= keepalive.clock())`;

/** A machine that is alive holds the lease `l`, and keeps its session. */
const IS_HELD = `(l.run <> '' AND EXISTS (
  SELECT FROM keepalive.machines m
  JOIN keepalive.holdings h ON h.machine = m.machine AND h.session = l.session AND h.login = l.login AND h.kept
  WHERE m.machine = l.machine AND m.run = l.run AND ${alive('m')}))`;

/** The clock shows what it must, by the one of this machine. If it was set, any machine may seem to have ended. */
const IS_SURE = `($7::float8 IS NULL
  OR abs(extract(epoch FROM keepalive.clock())::float8 * 1000 - $7::float8) < $6::float8 / 3)`;

const LEASE = `$6::float8 * interval '1 millisecond'`;

/** The lease `l` may be in use. */
const MAY_BE_USED = `(l.run <> '' AND (NOT ${IS_SURE} OR ${IS_HELD}
  OR l.taken_at BETWEEN keepalive.clock() - ${LEASE} AND keepalive.clock() + ${LEASE} / 3))`;

/** The lease `l` is that of this run, or of an earlier one with the same store: a copy of this home has another one. */
const WAS_OURS = `(l.run <> '' AND l.machine = $1 AND (l.run = $2 OR l.store = $5))`;

/**
 * Takes the lease of a login, unless another machine holds it, has held the login for longer, or has spent it from
 * another store. The epoch grows with each change of the holder. Answers why not. `$3` session, `$4` login, `$5` store,
 * `$6` the duration of a lease, `$7` what the clock must show.
 */
export const ACQUIRE = `
  WITH us AS (
    SELECT FROM keepalive.machines m WHERE m.machine = $1 AND m.run = $2 AND ${alive('m')}
  ), mine AS (
    SELECT coalesce((
      SELECT since FROM keepalive.holdings WHERE machine = $1 AND session = $3 AND login = $4 AND store = $5 AND kept
    ), keepalive.clock()) AS since
  ), first AS (
    SELECT h.machine, h.session, h.store
    FROM mine, keepalive.holdings h JOIN keepalive.machines m ON m.machine = h.machine
    WHERE h.login = $4 AND h.machine <> $1 AND h.kept AND (NOT ${IS_SURE} OR ${alive('m')})
      AND (h.since, h.machine) < (mine.since, $1)
    ORDER BY h.since, h.machine LIMIT 1
  ), held AS (
    INSERT INTO keepalive.holdings AS h (machine, session, login, store, kept, since)
    SELECT $1, $3, $4, $5, true, keepalive.clock() WHERE ${IS_OURS}
    ON CONFLICT (machine, session) DO UPDATE
    SET login = excluded.login, store = excluded.store, kept = true, since = excluded.since
    WHERE h.login <> excluded.login OR h.store <> excluded.store OR NOT h.kept
    RETURNING session
  ), taken AS (
    INSERT INTO keepalive.logins AS l (login, epoch, machine, run, session, store, taken_at)
    SELECT $4, 1, $1, $2, $3, $5, keepalive.clock() FROM us
    WHERE NOT EXISTS (SELECT FROM first) OR EXISTS (SELECT FROM keepalive.logins l WHERE l.login = $4 AND ${WAS_OURS})
    ON CONFLICT (login) DO UPDATE SET
      epoch = l.epoch + CASE WHEN l.machine = $1 AND l.run = $2 THEN 0 ELSE 1 END,
      machine = excluded.machine, run = excluded.run, session = excluded.session,
      store = excluded.store, taken_at = excluded.taken_at
    WHERE (l.spent_at IS NULL OR l.store = excluded.store)
      AND (${WAS_OURS} OR (NOT ${MAY_BE_USED} AND clock_timestamp() - statement_timestamp() < interval '20 seconds'))
    RETURNING epoch
  )
  SELECT (SELECT epoch FROM taken) AS epoch, EXISTS (SELECT FROM us) AS alive,
    (extract(epoch FROM keepalive.clock()) * 1000)::float8 AS at,
    coalesce((
      SELECT row_to_json(f) FROM (
        SELECT l.machine, l.session, l.store, l.spent_at IS NOT NULL AND l.store <> $5 AS spent
        FROM keepalive.logins l WHERE l.login = $4
          AND (l.spent_at IS NOT NULL AND l.store <> $5 OR (l.machine, l.run) <> ($1, $2) AND ${MAY_BE_USED})
      ) f
    ), (SELECT row_to_json(f) FROM (SELECT machine, session, store, false AS spent FROM first) f)) AS found,
    (SELECT pg_notify('keepalive', 'held:' || $1)::text || nextval('keepalive.held')
      WHERE NOT EXISTS (SELECT FROM taken) AND EXISTS (SELECT FROM held)) AS noted`;

/**
 * Who is known to hold or to have spent a login, for a daemon whose name another one uses. `$1` login, `$2` store.
 */
export const FIND = `
  SELECT machine, session, store, spent FROM (
    SELECT machine, session, store, spent_at IS NOT NULL AND store <> $2 AS spent
    FROM keepalive.logins WHERE login = $1
    UNION ALL SELECT machine, session, store, false FROM keepalive.holdings WHERE login = $1
  ) known ORDER BY spent DESC, store = $2 LIMIT 1`;

/**
 * Records that a lease's token is spent, and takes the lease of its successor, while the lease holds. `$6` epoch, `$7`
 * successor. Other machines hear of it if they hold the login too.
 */
export const SETTLE = `
  WITH fence AS (
    UPDATE keepalive.logins SET spent_at = keepalive.clock()
    WHERE login = $4 AND epoch = $6 AND machine = $1 AND run = $2 RETURNING login
  ), next AS (
    INSERT INTO keepalive.logins (login, epoch, machine, run, session, store, taken_at)
    SELECT $7, 1, $1, $2, $3, $5, keepalive.clock() FROM fence
    ON CONFLICT (login) DO NOTHING
  ), held AS (
    UPDATE keepalive.holdings SET login = $7 WHERE machine = $1 AND session = $3 AND ${IS_OURS}
  )
  SELECT EXISTS (SELECT FROM fence) AS holds,
    (SELECT pg_notify('keepalive', 'held:' || $1)::text || nextval('keepalive.held') WHERE EXISTS (
      SELECT FROM keepalive.holdings WHERE login IN ($4, $7) AND machine <> $1)) AS noted`;

/**
 * Says what sessions of this machine hold, ends the leases of those that are not kept any more, and marks as spent what
 * this machine renewed while it did not reach the database. `$3`: list of holdings, `$4` sessions that are gone, `$5`
 * all others are gone too. Other machines hear of it if they hold one of these logins, or have spent it.
 */
export const HOLD = `
  WITH given AS (
    SELECT * FROM jsonb_to_recordset($3) AS g (session text, login text, store text, kept boolean, spent text[])
    WHERE ${IS_OURS}
  ), before AS (
    SELECT session, login FROM keepalive.holdings
    WHERE machine = $1 AND ($5 OR session = ANY ($4) OR session IN (SELECT session FROM given))
  ), gone AS (
    DELETE FROM keepalive.holdings WHERE machine = $1 AND (session = ANY ($4) OR ($5 AND session NOT IN
      (SELECT session FROM given))) AND ${IS_OURS}
  ), put AS (
    INSERT INTO keepalive.holdings AS h (machine, session, login, store, kept, since)
    SELECT $1, session, login, store, kept, keepalive.clock() FROM given
    ON CONFLICT (machine, session) DO UPDATE
    SET login = excluded.login, store = excluded.store, kept = excluded.kept,
      since = CASE WHEN h.login = excluded.login AND h.kept >= excluded.kept THEN h.since ELSE excluded.since END
    WHERE h.login <> excluded.login OR h.store <> excluded.store OR h.kept <> excluded.kept
  ), renewed AS (
    SELECT DISTINCT ON (s) s AS login, session, store FROM given, unnest(spent) AS s
    WHERE NOT EXISTS (SELECT FROM keepalive.logins l WHERE l.login = s AND l.spent_at IS NOT NULL) ORDER BY s
  ), released AS (
    UPDATE keepalive.logins l SET run = ''
    WHERE l.machine = $1 AND l.run = $2 AND l.spent_at IS NULL AND l.login NOT IN (SELECT login FROM renewed)
      AND EXISTS (
        SELECT FROM before b LEFT JOIN given g ON g.session = b.session
        WHERE b.session = l.session AND b.login = l.login AND ${IS_OURS}
          AND (g.kept IS FALSE OR g.login <> b.login OR (g.session IS NULL AND (b.session = ANY ($4) OR $5))))
  ), spent AS (
    INSERT INTO keepalive.logins AS l (login, epoch, machine, run, session, store, taken_at, spent_at)
    SELECT login, 1, $1, $2, session, store, keepalive.clock(), keepalive.clock() FROM renewed
    ON CONFLICT (login) DO UPDATE SET
      epoch = l.epoch + 1, machine = excluded.machine, run = excluded.run, session = excluded.session,
      store = excluded.store, spent_at = excluded.spent_at
    WHERE l.spent_at IS NULL
  ), concerned AS (
    SELECT login FROM before UNION SELECT login FROM given UNION SELECT login FROM renewed
  )
  SELECT is_shared, CASE WHEN is_shared
    THEN pg_notify('keepalive', 'held:' || $1)::text || nextval('keepalive.held') END AS noted
  FROM (SELECT EXISTS (
    SELECT FROM concerned c JOIN keepalive.holdings h ON h.login = c.login AND h.machine <> $1
  ) OR EXISTS (
    SELECT FROM given g JOIN keepalive.logins l ON l.login = g.login WHERE l.spent_at IS NOT NULL AND l.store <> g.store
  ) AS is_shared) q`;

/** What sessions of this machine share with those of others: the most important of each. */
export const SHARES = `
  WITH returned AS MATERIALIZED (
    SELECT x.session AS renewed_by, x.store AS renewed_in, h.machine, h.session, h.store, h.since
    FROM keepalive.holdings h JOIN keepalive.logins x ON x.login = h.login
    WHERE h.machine <> $1 AND x.machine = $1 AND x.spent_at IS NOT NULL
  )
  SELECT mine.session, s.machine, s.other, s.is_ours, s.spent, s.same_store,
    (extract(epoch FROM keepalive.clock()) * 1000)::float8 AS at
  FROM keepalive.holdings mine
  LEFT JOIN keepalive.logins l ON l.login = mine.login
  CROSS JOIN LATERAL (
    SELECT * FROM (
      SELECT 1 AS rank, true AS counts, l.taken_at AS since, l.machine, l.session AS other, false AS is_ours,
        true AS spent, false AS same_store
      WHERE l.spent_at IS NOT NULL AND l.store <> mine.store AND NOT EXISTS (SELECT FROM keepalive.holdings h
        WHERE h.machine = $1 AND l.machine = $1 AND h.session = l.session AND h.store = l.store)
      UNION ALL
      SELECT 2, true, l.taken_at, l.machine, l.session, false, false, l.store = mine.store
      WHERE l.machine <> $1 AND ${IS_HELD}
      UNION ALL
      SELECT 3, h.store <> mine.store, h.since, h.machine, h.session,
        (l.machine = $1 AND ${IS_HELD}) IS TRUE
          OR NOT (h.kept AND ${alive('m')} AND (NOT mine.kept OR (h.since, h.machine) < (mine.since, mine.machine))),
        false, h.store = mine.store
      FROM keepalive.holdings h JOIN keepalive.machines m ON m.machine = h.machine
      WHERE h.login = mine.login AND h.machine <> $1
      UNION ALL
      SELECT 4, true, r.since, r.machine, r.session, true, true, false
      FROM returned r WHERE r.renewed_by = mine.session AND r.store NOT IN (mine.store, r.renewed_in)
    ) q ORDER BY rank, counts DESC, is_ours, since LIMIT 1
  ) s
  WHERE mine.machine = $1 ORDER BY mine.session`;
