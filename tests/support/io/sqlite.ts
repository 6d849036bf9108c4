import initSqlJs from 'sql.js';

type Value = number | string | Uint8Array | null;

/** A database with the given tables and rows. */
export async function sqliteFile(
  tables: Readonly<Record<string, readonly Readonly<Record<string, Value>>[]>>,
  pragmas: readonly string[] = [],
): Promise<Uint8Array> {
  const { Database } = await initSqlJs();
  const database = new Database();
  for (const pragma of pragmas) database.run(`PRAGMA ${pragma}`);
  for (const [table, rows] of Object.entries(tables)) {
    const columns = Object.keys(rows[0] ?? {});
    database.run(`CREATE TABLE ${table} (${columns.join()})`);
    for (const row of rows)
      database.run(
        `INSERT INTO ${table} VALUES (${columns.map(() => '?').join()})`,
        columns.map(column => row[column] ?? null),
      );
  }
  const bytes = database.export();
  database.close();
  return bytes;
}

export type Frame = {
  readonly page: number;
  readonly content: Uint8Array;
  /** In pages; 0 if nothing is committed yet. */ readonly sizeAfter: number;
};

/** A write-ahead log as specified in sqlite.org/walformat.html. */
export function sqliteLog(
  frames: readonly Frame[],
  {
    pageSize = 4_096,
    salts = [7, 8],
    bigEndian = false,
  }: { readonly pageSize?: number; readonly salts?: readonly [number, number]; readonly bigEndian?: boolean } = {},
): Uint8Array {
  const log = Buffer.alloc(32 + frames.length * (24 + pageSize));
  const sums: [number, number] = [0, 0];
  const add = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += 8) {
      const [x, y] = bigEndian
        ? [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
        : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
      sums[0] = Number((BigInt(sums[0]) + BigInt(x) + BigInt(sums[1])) & 0xffffffffn);
      sums[1] = Number((BigInt(sums[1]) + BigInt(y) + BigInt(sums[0])) & 0xffffffffn);
    }
  };
  const words = (at: number, ...values: number[]) =>
    values.forEach((value, index) => log.writeUInt32BE(value, at + index * 4));
  words(0, bigEndian ? 0x377f0683 : 0x377f0682, 3_007_000, pageSize, 0, ...salts);
  add(log.subarray(0, 24));
  words(24, ...sums);
  frames.forEach(({ page, content, sizeAfter }, index) => {
    const at = 32 + index * (24 + pageSize);
    words(at, page, sizeAfter, ...salts);
    log.set(content, at + 24);
    add(log.subarray(at, at + 8));
    add(log.subarray(at + 24, at + 24 + pageSize));
    words(at + 16, ...sums);
  });
  return new Uint8Array(log);
}

/** The pages of a database as frames of one transaction. */
export const framesOf = (database: Uint8Array, pageSize = 4_096): readonly Frame[] =>
  Array.from({ length: database.length / pageSize }, (_page, index) => ({
    page: index + 1,
    content: database.subarray(index * pageSize, (index + 1) * pageSize),
    sizeAfter: (index + 1) * pageSize === database.length ? index + 1 : 0,
  }));
