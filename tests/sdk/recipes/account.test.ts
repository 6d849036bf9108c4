import { expect, test } from 'vitest';
import { maskAccount } from '../../../sdk/recipes/index.ts';

test.each<[unknown, unknown, string | undefined]>([
  ['max@example.com', 'max', 'm…@example.com, Max'],
  ['max@example.com', undefined, 'm…@example.com'],
  ['a@b@example.com', 'self_serve_business', 'a…@example.com, Self serve business'],
  ['octocat', undefined, 'o…'],
  ['ünï@müller.example', undefined, 'ü…@müller.example'],
  ['x@exa mple/evil', undefined, 'x…'],
  ['\u001b[31mmax@example.com', undefined, 'm…@example.com'],
  ['@example.com', undefined, undefined],
  [undefined, 'plus', 'Plus'],
  [undefined, 'max@example.com', undefined],
  ['', '', undefined],
  [7, {}, undefined],
])('the account %j with the plan %j is shown as %j', (name, plan, expected) => {
  expect(maskAccount(name, plan)).toBe(expected);
});
