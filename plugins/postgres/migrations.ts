// Each version adds to the one before, and never takes away what the version before it uses: during an update, daemons
// of two versions work on one database.

/** The version that this program needs. */
export const CURRENT = 1;

/** The newest versions that this program still understands: the next release only adds. */
export const NEWEST = CURRENT + 1;

/** The statements that make each version from the one before. */
export const MIGRATIONS: Readonly<Record<number, string>> = {
  1: `
    DO $$ BEGIN
      -- With IF NOT EXISTS, it asks for the right to make one, even if there is one.
      IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'keepalive') THEN CREATE SCHEMA keepalive; END IF;
    END $$;
    CREATE TABLE keepalive.meta (version int NOT NULL, key_check text);
    INSERT INTO keepalive.meta VALUES (1, NULL);
    CREATE FUNCTION keepalive.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';
    CREATE SEQUENCE keepalive.shown;
    CREATE SEQUENCE keepalive.held;
    CREATE TABLE keepalive.machines (
      machine text PRIMARY KEY, instance text NOT NULL, run text NOT NULL, version text NOT NULL,
      accepts text[] NOT NULL, seen_at timestamptz NOT NULL, alive_until timestamptz NOT NULL
    ) WITH (fillfactor = 50);
    CREATE TABLE keepalive.sessions (
      machine text NOT NULL, session text NOT NULL, body jsonb NOT NULL, PRIMARY KEY (machine, session)
    );
    CREATE TABLE keepalive.notices (
      machine text NOT NULL, notice text NOT NULL, body jsonb NOT NULL, PRIMARY KEY (machine, notice)
    );
    CREATE TABLE keepalive.attempts (
      machine text NOT NULL, session text NOT NULL, at timestamptz NOT NULL, body jsonb NOT NULL
    );
    CREATE INDEX attempts_at ON keepalive.attempts (at);
    CREATE INDEX attempts_of ON keepalive.attempts (machine, session, at);
    CREATE TABLE keepalive.holdings (
      machine text NOT NULL, session text NOT NULL, login text NOT NULL, store text NOT NULL, kept boolean NOT NULL,
      since timestamptz NOT NULL, PRIMARY KEY (machine, session)
    );
    CREATE INDEX holdings_login ON keepalive.holdings (login);
    CREATE TABLE keepalive.logins (
      login text PRIMARY KEY, epoch bigint NOT NULL, machine text NOT NULL, run text NOT NULL, session text NOT NULL,
      store text NOT NULL, taken_at timestamptz NOT NULL, spent_at timestamptz
    );
    CREATE TABLE keepalive.letters (
      id bigserial PRIMARY KEY, machine text NOT NULL, sender text NOT NULL, body text NOT NULL,
      sent_at timestamptz NOT NULL
    );
    CREATE INDEX letters_machine ON keepalive.letters (machine);
  `,
};
