import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { perform } from '../../../../plugins/ui-cli/service/steps.ts';
import type { Step } from '../../../../plugins/ui-cli/service/types.ts';
import { temporaryFolder } from '../run-cli.ts';

/** A program that ends with these codes, one at each start, and then with the last one. */
function program(...codes: readonly number[]) {
  const folder = temporaryFolder();
  const [path, count] = [join(folder, 'manager'), join(folder, 'count')];
  const script = [
    '#!/bin/sh',
    `echo >> '${count}'`,
    `n=$(wc -l < '${count}')`,
    `set -- ${codes.join(' ')}`,
    'test "$n" -gt $# && n=$#',
    'shift $((n - 1))',
    "echo 'Bootstrap failed: 5: Input/output error' >&2",
    'exit "$1"',
  ];
  writeFileSync(path, `${script.join('\n')}\n`);
  chmodSync(path, 0o755);
  const waits: number[] = [];
  return {
    waits,
    starts: () => (existsSync(count) ? readFileSync(count, 'utf8').length : 0),
    run: (facts: Partial<Step> = {}) =>
      perform([{ program: path, args: [], ...facts }], { PATH: '/usr/bin:/bin' }, async ms => waits.push(ms)),
  };
}

test.each<[string, readonly number[], Partial<Step>, number]>([
  ['is tried once if it has no patience', [0], {}, 1],
  ['is repeated until it succeeds', [5, 37, 0], { patienceMs: 10_000 }, 3],
  ['is repeated until it fails, if that is wanted', [0, 0, 113], { until: 'failure', patienceMs: 10_000 }, 3],
  ['may fail', [3], { mayFail: true }, 1],
])('a step %s', async (_name, codes, facts, starts) => {
  const { run, starts: started, waits } = program(...codes);
  await run(facts);
  expect([started(), waits.length]).toEqual([starts, starts - 1]);
});

test.each<[string, readonly number[], Partial<Step>]>([
  ['fails', [5], { patienceMs: 1_000 }],
  ['succeeds, although it should not', [0], { until: 'failure', patienceMs: 1_000 }],
])('a step that still %s when its time is over is an error', async (_name, codes, facts) => {
  const { run, waits } = program(...codes);
  await expect(run(facts)).rejects.toThrow('Input/output error');
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(1_000);
});
