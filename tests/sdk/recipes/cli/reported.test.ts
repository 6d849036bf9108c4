import { expect, test } from 'vitest';
import { reported } from '../../../../sdk/recipes/cli/reported.ts';

test.each<[number, unknown]>([
  [Number.NaN, undefined],
  [200, undefined],
  [429, { status: 'rate-limited' }],
  [
    403,
    { code: 'KA_INTERCEPTED', details: { reason: expect.stringContaining('acme reported HTTP 403 from the vendor:') } },
  ],
  [407, { code: 'KA_INTERCEPTED', details: { reason: expect.stringContaining('407') } }],
  [451, { code: 'KA_INTERCEPTED' }],
  [511, { code: 'KA_INTERCEPTED', details: { reason: expect.stringContaining('511') } }],
  [500, { code: 'KA_OFFLINE' }],
  [503, { code: 'KA_OFFLINE' }],
  [400, { code: 'KA_PROGRAM_FAILED', details: { program: 'acme', reason: 'acme reported HTTP 400 from the vendor.' } }],
  [401, expect.stringContaining('acme reported HTTP 401 from the vendor. Something in between')],
  [404, { code: 'KA_PROGRAM_FAILED' }],
])('a program that reports %i', (status, expected) => {
  const judge = () => {
    try {
      return reported('acme', status);
    } catch (error) {
      return error;
    }
  };
  if (typeof expected === 'object' && expected !== null && !('asymmetricMatch' in expected))
    expect(judge()).toMatchObject(expected);
  else expect(judge()).toEqual(expected);
});
