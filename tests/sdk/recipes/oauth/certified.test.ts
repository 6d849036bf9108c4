import { expect, test } from 'vitest';
import { redeem } from '../../../../sdk/recipes/oauth/redeem.ts';
import { certifiedServer } from '../../../support/vendors/certified-server.ts';
import { realContext } from '../../../support/real-context.ts';
import { noWait, tokenFile } from '../../../support/vendors/token-file.ts';

async function scene() {
  const { counts, signIn, tokenEndpoint, clientId, clientSecret } = await certifiedServer();
  const endpoint = { tokenEndpoint, clientId, clientSecret };
  return { counts, ...(await tokenFile(endpoint, { refresh_token: await signIn() })) };
}

test('tokens of a certified server are renewed many times', async () => {
  const { folder, source, read, counts } = await scene();
  const seen = new Set<string | undefined>();
  for (let round = 0; round < 5; round++) {
    expect(await redeem(source, realContext(folder, { force: true }))).toMatchObject({ status: 'refreshed' });
    seen.add((await read()).refresh_token);
  }
  expect(seen.size).toBe(5);
  expect((await read()).expires_at).toBeGreaterThan(Date.now() / 1_000 + 3_500);
  expect(counts).toEqual({ renewed: 5, refused: 0 });
});

test('a login that was revoked after reuse is reported with proof', async () => {
  const { folder, source, read, write } = await scene();
  const spent = await read();
  await redeem(source, realContext(folder, { force: true }));
  await write(spent);
  expect(await redeem(source, realContext(folder, { force: true }), noWait)).toMatchObject({
    status: 'login-required',
    hint: 'Run `acme login`.',
    proof: 'The vendor answered 400 invalid_grant.',
  });
});
