import { describe, expect, test } from 'vitest';
import { mergeLog, queryCopy, readDatabase } from '../../../../sdk/recipes/web/sqlite-snapshot.ts';
import { fakeFiles } from '../../../../sdk/testing/index.ts';
import { framesOf, sqliteFile, sqliteLog } from '../../../support/io/sqlite.ts';

const sqlJs = () => import('sql.js');
const things = (...names: string[]) => sqliteFile({ things: names.map(name => ({ name })) });
const namesIn = async (bytes: Uint8Array) =>
  (await queryCopy(sqlJs, bytes, 'SELECT * FROM things', [])).map(({ name }) => name);

/** A database while its log is in use. */
const logged = (database: Uint8Array): Uint8Array => {
  const copy = database.slice();
  copy.set([2, 2], 18);
  return copy;
};

const damaged = (log: Uint8Array, at: number): Uint8Array => {
  const copy = log.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

describe('a database and its write-ahead log', async () => {
  const [before, after, later] = [
    logged(await things('old')),
    logged(await things('old', 'new')),
    logged(await things('x'.repeat(9_000), 'y')),
  ];
  const change = sqliteLog(framesOf(after));

  test.each<[string, Uint8Array, unknown]>([
    ['no log', new Uint8Array(), ['old']],
    ['a log with a change', change, ['old', 'new']],
    ['one that was written on a big-endian machine', sqliteLog(framesOf(after), { bigEndian: true }), ['old', 'new']],
    ['a change that was not committed', sqliteLog(framesOf(after).map(frame => ({ ...frame, sizeAfter: 0 }))), ['old']],
    [
      'one committed change and one that was not',
      sqliteLog([...framesOf(after), ...framesOf(later).map(frame => ({ ...frame, sizeAfter: 0 }))]),
      ['old', 'new'],
    ],
    [
      'two changes, of which the second makes it larger',
      sqliteLog([...framesOf(after), ...framesOf(later)]),
      ['x'.repeat(9_000), 'y'],
    ],
    [
      'two changes, of which the second makes it smaller',
      sqliteLog([...framesOf(later), ...framesOf(after)]),
      ['old', 'new'],
    ],
    ['an incomplete change', change.subarray(0, -9), ['old']],
    ['a damaged page', damaged(change, change.length - 1), ['old']],
    [
      'frames of an earlier round',
      Buffer.concat([change, sqliteLog(framesOf(later), { salts: [1, 2] }).subarray(32)]),
      ['old', 'new'],
    ],
    ['something else', new TextEncoder().encode('x'.repeat(5_000)), ['old']],
  ])('%s', async (_name, log, names) => {
    const copy = before.slice();
    expect(await namesIn(mergeLog(before, log))).toEqual(names);
    expect(before).toEqual(copy);
  });

  test('a database that became smaller is read in its new size', async () => {
    expect(await namesIn(mergeLog(later, change))).toEqual(['old', 'new']);
  });
});

describe('a database that its owner is writing to', async () => {
  const [old, renewed] = [await things('old'), await things('new')];

  test('is waited for, and read consistently', async () => {
    const files = fakeFiles({ '/db': old, '/db-journal': 'the pages as they were' });
    const waits: number[] = [];
    const bytes = await readDatabase(files, '/db', async ms => {
      waits.push(ms);
      files.write('/db', renewed);
      files.write('/db-journal', '');
    });
    expect([await namesIn(bytes ?? old), waits.length, files.changes]).toEqual([['new'], 1, []]);
  });

  test('that changed while it was read is read again', async () => {
    const files = fakeFiles({ '/db': old });
    let reads = 0;
    const busy = {
      ...files,
      readBytes: async (path: string) => {
        const bytes = await files.readBytes(path);
        if (path === '/db' && reads++ === 0) files.write('/db', renewed);
        return bytes;
      },
    };
    expect(await namesIn((await readDatabase(busy, '/db', async () => {})) ?? old)).toEqual(['new']);
  });

  test('is given up if that never ends', async () => {
    const files = fakeFiles({ '/db': old, '/db-journal': 'the pages as they were' });
    await expect(readDatabase(files, '/db', async () => {})).rejects.toMatchObject({ code: 'KA_STORE_UNREADABLE' });
    expect(await readDatabase(files, '/none', async () => {})).toBeUndefined();
  });
});
