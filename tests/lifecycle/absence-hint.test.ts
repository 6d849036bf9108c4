import { expect, test } from 'vitest';
import { absenceHint } from '../../lifecycle/credential.ts';
import type { Inspection } from '../../sdk/contract/outcome.ts';

const HINT = 'Run `acme login`.';

test.each<[string, Partial<Inspection>, string]>([
  ['a program that is not installed comes first', { owner: 'acme' }, `Install acme. ${HINT}`],
  ['an installed one is there', { owner: 'acme', program: '/bin/acme' }, HINT],
  ['a credential that cannot be kept alive needs no program', { owner: 'acme', unusable: true }, HINT],
  ['a store without a program has only its hint', {}, HINT],
  ['a provider may have no hint', { hint: undefined }, 'There is no credential.'],
])('the hint of a missing login: %s', (_what, seen, text) => {
  expect(absenceHint({ present: false, hint: HINT, ...seen })).toBe(text);
});
