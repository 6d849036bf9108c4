import type { Database } from './database.ts';
import { CURRENT, MIGRATIONS, NEWEST } from './migrations.ts';
import { failureOf, FleetError, OTHER_KEY, SCHEMA_MISSING, SCHEMA_NEWER } from './trouble.ts';

type Meta = { readonly version: number; readonly key_check: string | null };

/** The versions of the tables that a program makes and understands. */
export type Versions = {
  readonly current: number;
  readonly newest: number;
  readonly steps: Readonly<Record<number, string>>;
};

const OURS: Versions = { current: CURRENT, newest: NEWEST, steps: MIGRATIONS };

/** Brings the tables to the version of this program, and compares the key. Throws `FleetError`. */
export async function migrate(database: Database, check: string, versions = OURS): Promise<void> {
  const meta = await metaOf(database);
  const version = meta?.version ?? 0;
  if (version > versions.newest) throw new FleetError(SCHEMA_NEWER);
  for (let next = version + 1; next <= versions.current; next++) await step(database, next, versions);
  const known = meta?.key_check ?? (await firstKey(database, check));
  if (known !== check) throw new FleetError(OTHER_KEY);
}

/** The first machine decides which key it is. */
async function firstKey(database: Database, check: string): Promise<string | null | undefined> {
  await database.query('UPDATE keepalive.meta SET key_check = $1 WHERE key_check IS NULL', [check]);
  return (await metaOf(database))?.key_check;
}

const UNDEFINED_TABLE = /^(42P01|3F000)$/;

async function metaOf(database: Database): Promise<Meta | undefined> {
  try {
    const [meta] = await database.query<Meta>('SELECT version, key_check FROM keepalive.meta', []);
    return meta;
  } catch (error) {
    if (UNDEFINED_TABLE.test(failureOf(error).code)) return undefined;
    throw error;
  }
}

/** Two machines may do it at once: the lock of the transaction lets one go first, and the other finds it done. */
async function step(database: Database, version: number, { steps }: Versions): Promise<void> {
  try {
    const update = version === 1 ? '' : `UPDATE keepalive.meta SET version = ${version};`;
    // The statements of one message are one transaction, which ends by itself if one of them fails.
    await database.script(`SELECT pg_advisory_xact_lock(739120463); ${steps[version] ?? ''}; ${update}`);
  } catch (error) {
    const found = (await metaOf(database))?.version ?? 0;
    if (found >= version) return;
    if (failureOf(error).code === '42501') throw new FleetError(SCHEMA_MISSING);
    throw error;
  }
}
