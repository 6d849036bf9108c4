import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { replay, type Divergence } from '../../proof/replay/replay.ts';
import { tracesIn } from '../../proof/replay/trace.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import { temporaryFolder } from '../support/real-context.ts';

const recorded = async () => {
  const packed = await readFile(join(import.meta.dirname, '../../proof/traces/redeem.txt.gz'));
  return [...tracesIn(gunzipSync(packed).toString().split('\n'))];
};

/** The first divergence, with a given change of the files. */
async function firstDivergence(alter?: (files: Files) => Files): Promise<Divergence | undefined> {
  const folder = await temporaryFolder();
  for (const [nth, trace] of (await recorded()).entries()) {
    const divergence = await replay(join(folder, String(nth)), trace, alter);
    if (divergence) return divergence;
  }
  return undefined;
}

test('the code takes 500 traces of the model as the model does', async () => {
  expect(await recorded()).toHaveLength(500);
  expect(await firstDivergence()).toBeUndefined();
}, 300_000);

test.for<[string, (files: Files) => Files, RegExp]>([
  [
    'which reads the file once only, and not again under the lock',
    files => {
      let before: Promise<string | undefined> | undefined;
      return { ...files, read: path => (before ??= files.read(path)) };
    },
    /^the next operation/,
  ],
  [
    'which does not note what it sends',
    files => {
      const begin = async () => ({ add: async () => undefined, close: async () => undefined });
      return { ...files, journal: { ...files.journal, begin } };
    },
    /^the /,
  ],
  ['which takes no lock', files => ({ ...files, lock: async () => async () => undefined }), /^the /],
])('code %s parts from the model', async ([, alter, difference]) => {
  const divergence = await firstDivergence(alter);
  expect(divergence?.difference).toMatch(difference);
  expect(divergence?.taken.length).toBe(divergence?.step);
});
