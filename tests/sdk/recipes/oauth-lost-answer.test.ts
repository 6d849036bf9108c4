import { expect, test } from 'vitest';
import { redeem } from '../../../sdk/recipes/oauth.ts';
import { realContext } from '../../support/real-context.ts';
import { noWait, tokenFile } from '../../support/token-file.ts';
import { rotatingServer, tokenServer } from '../../support/token-server.ts';

test('a lost answer is asked for once more, at once', async () => {
  const { url, received } = await tokenServer((_, count) => (count === 1 ? 'hang up' : { body: { access_token: 'access-1', refresh_token: 'refresh-1' } }));
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(received.map(({ token }) => token)).toEqual(['refresh-0', 'refresh-0']);
});

test('after two lost answers the token rests while the session works, and is tried once when nothing is left to lose', async () => {
  const { url, received } = await tokenServer(() => 'hang up');
  const { folder, source } = await tokenFile({ tokenEndpoint: url }, { expires_at: 2_000 });
  const at = (seconds: number, force = false) => redeem(source, realContext(folder, { now: () => seconds * 1_000, force }));
  await expect(at(1_900)).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { answer: 'lost' } });
  expect(received).toHaveLength(2);
  expect(await at(1_960)).toMatchObject({ status: 'deferred', until: new Date(2_000_000) });
  expect(received).toHaveLength(2);
  await expect(at(1_970, true)).rejects.toMatchObject({ code: 'KA_OFFLINE' });
  expect(received).toHaveLength(3);
  await expect(at(2_000)).rejects.toMatchObject({ code: 'KA_OFFLINE' });
  expect(received).toHaveLength(4);
});

test('a request that never left is simply made again', async () => {
  const server = await rotatingServer();
  const { folder, source } = await tokenFile({}, { expires_at: 9e9 });
  const given = { now: () => 9e12 - 1_000 };
  await expect(redeem(source, realContext(folder, given))).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { answer: 'none' } });
  expect(await redeem({ ...source, tokenEndpoint: server.url }, realContext(folder, given))).toMatchObject({ status: 'refreshed' });
});

test('an answer to the repetition that settles nothing leaves the token resting', async () => {
  const { url, received } = await tokenServer((_, count) => (count === 1 ? 'hang up' : { status: 503 }));
  const { folder, source } = await tokenFile({ tokenEndpoint: url }, { expires_at: 2_000 });
  const context = realContext(folder, { now: () => 1_900_000 });
  await expect(redeem(source, context)).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { status: 503 } });
  expect(await redeem(source, context)).toMatchObject({ status: 'deferred' });
  expect(received).toHaveLength(2);
});

test('refused at the repetition, the login is lost, with proof', async () => {
  const { url, received } = await tokenServer((_, count) => (count === 1 ? 'hang up' : { status: 400, body: { error: 'invalid_grant' } }));
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder), noWait)).toMatchObject({ status: 'login-required', proof: 'The vendor answered 400 invalid_grant.' });
  expect(received).toHaveLength(2);
});

test('a token that was answered for, whatever the answer, may be sent again', async () => {
  const { url, received } = await tokenServer((_, count) => (count === 1 ? { status: 503 } : { body: { access_token: 'access-1' } }));
  const { folder, source } = await tokenFile({ tokenEndpoint: url }, { expires_at: 2_000 });
  const context = realContext(folder, { now: () => 1_900_000 });
  await expect(redeem(source, context)).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { status: 503 } });
  expect(await redeem(source, context)).toMatchObject({ status: 'refreshed' });
  expect(received).toHaveLength(2);
});
