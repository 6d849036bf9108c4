import type { Database } from './database.ts';
import { CURRENT, MIGRATIONS, NEWEST } from './migrations.ts';
import { FleetError, OTHER_KEY, SCHEMA_MISSING, SCHEMA_NEWER } from './trouble.ts';
import { errnoOf } from '../../sdk/base/errno.ts';

type Meta = { readonly version: number; readonly key_check: string | null };

/** Brings the tables to the version of this program, and compares the key. Throws `FleetError`. */
export async function migrate(database: Database, check: string): Promise<void> {
  const version = (await metaOf(database))?.version ?? 0;
  if (version > NEWEST) throw new FleetError(SCHEMA_NEWER);
  for (let next = version + 1; next <= CURRENT; next++) await step(database, next);
  await database.query('UPDATE keepalive.meta SET key_check = $1 WHERE key_check IS NULL', [check]);
  if ((await metaOf(database))?.key_check !== check) throw new FleetError(OTHER_KEY);
}

const UNDEFINED_TABLE = /^(42P01|3F000)$/;

async function metaOf(database: Database): Promise<Meta | undefined> {
  try {
    const [meta] = await database.query<Meta>('SELECT version, key_check FROM keepalive.meta', []);
    return meta;
  } catch (error) {
    if (UNDEFINED_TABLE.test(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Two machines may do it at once: the lock of the transaction lets one go first, and the other finds it done. */
async function step(database: Database, version: number): Promise<void> {
  try {
    const update = version === 1 ? '' : `UPDATE keepalive.meta SET version = ${version};`;
    await database.script(
      `BEGIN; SELECT pg_advisory_xact_lock(739120463); ${MIGRATIONS[version] ?? ''} ${update} COMMIT;`,
    );
  } catch (error) {
    const found = (await metaOf(database))?.version ?? 0;
    if (found >= version) return;
    if (errnoOf(error) === '42501') throw new FleetError(SCHEMA_MISSING);
    throw error;
  }
}
