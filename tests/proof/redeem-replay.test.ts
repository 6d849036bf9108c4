import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { replayAll, type Divergence } from '../../proof/replay/replay.ts';
import { tracesIn } from '../../proof/replay/trace.ts';
import type { Files } from '../../sdk/plugin/files.ts';

const recorded = async () => {
  const packed = await readFile(join(import.meta.dirname, '../../proof/traces/redeem.txt.gz'));
  return [...tracesIn(gunzipSync(packed).toString().split('\n'))];
};

/** Where the code parts from the model, with a given change of the files. */
async function divergences(traces: number, alter?: (files: Files) => Files): Promise<readonly Divergence[]> {
  const parted: Divergence[] = [];
  await replayAll((await recorded()).slice(0, traces), {
    ...(alter && { alter }),
    found: divergence => void (divergence && parted.push(divergence)),
  });
  return parted;
}

test('the code takes 500 traces of the model as the model does', async () => {
  expect(await recorded()).toHaveLength(500);
  expect(await divergences(500)).toEqual([]);
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
  const [divergence] = await divergences(25, alter);
  expect(divergence?.difference).toMatch(difference);
  expect(divergence?.taken.length).toBe(divergence?.step);
});
