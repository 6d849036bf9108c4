import { expect, test } from 'vitest';
import { readJwt } from '../../../../sdk/recipes/store/lifetime.ts';
import { jwt } from '../../../support/vendors/tokens.ts';

test('a JWT has its issue time and its expiry', () => {
  expect(readJwt(jwt({ exp: 1_800_000_000, iat: 1_700_000_000 }))).toEqual({
    expiresAt: new Date(1.8e12),
    issuedAt: new Date(1.7e12),
  });
  expect(readJwt(jwt({ exp: 'soon' }))).toEqual({ expiresAt: undefined, issuedAt: undefined });
  expect(readJwt(jwt({ exp: 1e300 }))).toEqual({ expiresAt: undefined, issuedAt: undefined });
});

test.each([
  '',
  'opaque',
  'a.b.c',
  '..',
  `x.${Buffer.from('null').toString('base64url')}.x`,
  `x.${Buffer.from('7').toString('base64url')}.x`,
])('anything else is not a JWT: %j', token => expect(readJwt(token)).toBeUndefined());
