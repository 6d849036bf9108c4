import { expect, test } from 'vitest';
import { canaries } from '../support/canary/canary-sessions.ts';
import { sources } from '../support/sources.ts';

/** The built-in providers that keep a credential of the user. The practice session makes its own. */
const providers = sources().flatMap(({ file, text }) => {
  const [, name = ''] = /^plugins\/([^/]+)\/index\.ts$/.exec(file) ?? [];
  return name && name !== 'practice' && /\bdefine(\w*Session|Provider)\b/.test(text) ? [name] : [];
});

test('every provider has canary sessions, with which the security tests look for leaks', () => {
  expect(providers.length).toBeGreaterThan(5);
  expect(canaries.toSorted()).toEqual(providers.toSorted());
});
