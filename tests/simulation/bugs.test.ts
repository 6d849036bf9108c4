import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BUGS } from '../../simulation/bugs/bugs.ts';
import { checkPatch, patchOf } from '../../simulation/bugs/copy.ts';
import { hunt } from '../../simulation/bugs/hunt.ts';
import { Product } from '../../simulation/product.ts';
import { IS_TORTURE } from '../support/runs.ts';

/** These are found within seconds. */
const QUICK = ['alarm-not-set', 'renewed-too-late'];

test('every planted bug is a patch that says what is wrong, and at least twenty are planted', () => {
  const patches = readdirSync(new URL('../../simulation/bugs/', import.meta.url)).filter(name =>
    name.endsWith('.patch'),
  );
  expect(patches.toSorted()).toEqual(BUGS.map(({ name }) => `${name}.patch`));
  expect(BUGS.length).toBeGreaterThanOrEqual(20);
});

test.each(BUGS)('the patch $name still applies', bug => {
  expect(readFileSync(patchOf(bug), 'utf8').split('\n')[0]).toBe(bug.sentence);
  expect(() => checkPatch(bug)).not.toThrow();
});

const hunted = BUGS.filter(({ name }) => IS_TORTURE || QUICK.includes(name.slice(3)));

test.each(hunted)(
  'the bug $name is found by $breaks, and only with the bug',
  async bug => {
    const { seconds, outcome } = await hunt(bug, await (clean ??= Product.pack()));
    expect(seconds).toBeLessThan(60);
    expect(outcome.broken?.rule).toBe(bug.breaks);
    // Packing and two lives, on a machine that may be busy.
  },
  600_000,
);

let clean: Promise<Product> | undefined;
