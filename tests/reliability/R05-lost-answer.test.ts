import { statSync } from 'node:fs';
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import { realContext } from '../support/real-context.ts';
import { IS_TORTURE, times } from '../support/runs.ts';
import { seededRandom } from '../support/clock/simulated-clock.ts';
import { noWait, tokenFile } from '../support/vendors/token-file.ts';
import { rotatingServer, tokenServer, type Reply } from '../support/vendors/token-server.ts';

const MINUTE = 60_000;
const LANES = 4;
/** The share of answers that get lost. Short runs need a larger one to see two in a row. */
const DROPPED = IS_TORTURE ? 0.05 : 0.25;
/** How long a vendor answers a repeated request like the first one. */
const PATIENCE_MS = 30_000;

type Asked = {
  readonly token: string | undefined;
  readonly attempt: number;
  readonly at: number;
  readonly lock: number;
};
type Counts = { renewed: number; dropped: number; repeated: number; lost: number };

/** A login at a vendor whose answers get lost after it has rotated the token. */
async function login(random: () => number, patienceMs: number, counts: Counts) {
  let clock = Date.UTC(2026, 0, 5);
  let attempt = 0;
  let rotatedAt = 0;
  const asked: Asked[] = [];
  const fate = (answer: Reply): Reply => {
    rotatedAt = clock;
    if (random() >= DROPPED || answer === 'hang up') return answer;
    counts.dropped += 1;
    return random() < 0.5 ? 'hang up' : { ...answer, isCutOff: true };
  };
  const server = await rotatingServer({ patient: () => clock - rotatedAt < patienceMs, fate });
  const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url }, { expires_at: clock / 1_000 });
  /** An attempt `ms` before the access token expires. */
  const attemptBefore = async (ms: number) => {
    const { expires_at = 0, refresh_token } = await read();
    clock = expires_at * 1_000 - ms;
    attempt += 1;
    const fetch: typeof globalThis.fetch = (...request) => {
      asked.push({ token: refresh_token, attempt, at: clock, lock: statSync(`${source.file}.lock`).ino });
      return globalThis.fetch(...request);
    };
    return redeem(source, realContext(folder, { now: () => clock, fetch }), noWait).catch((error: unknown) => error);
  };
  return { asked, attemptBefore };
}

const REFUSED = { status: 'login-required', proof: 'The vendor answered 400 invalid_grant.' };

/**
 * Renews up to `most` times, or until an answer is lost for good. Then it reports that and waits while the session
 * works. Returns how often it renewed.
 */
async function renew(most: number, random: () => number, patienceMs: number, counts: Counts): Promise<number> {
  const { asked, attemptBefore } = await login(random, patienceMs, counts);
  for (let round = 1; round <= most; round += 1) {
    const before = asked.length;
    const outcome = await attemptBefore(4 * MINUTE);
    const [first, ...others] = asked.slice(before);
    expect(others.length).toBeLessThanOrEqual(1);
    for (const other of others) expect(other).toEqual(first);
    if (others.length === 0 || isRenewed(outcome)) {
      expect(outcome).toMatchObject({ status: 'refreshed' });
      counts.renewed += 1;
      counts.repeated += others.length;
      continue;
    }
    counts.lost += 1;
    if (patienceMs === 0) {
      expect(outcome).toMatchObject(REFUSED);
      return round;
    }
    expect(outcome).toMatchObject({ code: 'KA_OFFLINE', details: { answer: 'lost' } });
    for (const minutes of [3, 2, 1])
      expect(await attemptBefore(minutes * MINUTE)).toMatchObject({
        status: 'deferred',
        reason: expect.stringContaining('answer was lost'),
      });
    expect(asked).toHaveLength(before + 2);
    expect(await attemptBefore(0)).toMatchObject(REFUSED);
    expect(asked).toHaveLength(before + 3);
    return round;
  }
  return most;
}

const isRenewed = (outcome: unknown): boolean =>
  typeof outcome === 'object' && outcome !== null && 'status' in outcome && outcome.status === 'refreshed';

test.for([
  ['at a vendor that answers twice within half a minute', PATIENCE_MS, 5_000],
  ['at a vendor that never does', 0, 1_000],
] as const)(
  'R5: randomly lost answers %s are requested once more or reported with proof',
  { timeout: 3_600_000 },
  async ([, patienceMs, all], { annotate }) => {
    const rounds = times(40, all);
    const counts: Counts = { renewed: 0, dropped: 0, repeated: 0, lost: 0 };
    await pLimit(LANES).map(
      Array.from({ length: LANES }, (_, lane) => lane),
      async lane => {
        const random = seededRandom(lane + 1);
        for (let left = rounds / LANES; left > 0;) left -= await renew(left, random, patienceMs, counts);
      },
    );
    expect(counts.dropped).toBeGreaterThan(0);
    expect(counts.renewed + counts.lost).toBe(rounds);
    await annotate(
      `${rounds} renewals, ${counts.dropped} answers lost: ${counts.repeated} recovered by one repetition, ` +
        `${counts.lost} lost for good, each reported with proof and not requested again while the session worked`,
    );
  },
);

test('R5: a lost answer is requested once more, immediately', async () => {
  const { url, received } = await tokenServer((_, count) =>
    count === 1 ? 'hang up' : { body: { access_token: 'access-1', refresh_token: 'refresh-1' } },
  );
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(received.map(({ token }) => token)).toEqual(['refresh-0', 'refresh-0']);
});

test('R5: after two lost answers the token is not sent until the session has ended, and then once', async () => {
  const { url, received } = await tokenServer(() => 'hang up');
  const { folder, source } = await tokenFile({ tokenEndpoint: url }, { expires_at: 2_000 });
  const at = (seconds: number, force = false) =>
    redeem(source, realContext(folder, { now: () => seconds * 1_000, force }));
  await expect(at(1_900)).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { answer: 'lost' } });
  expect(received).toHaveLength(2);
  expect(await at(1_960)).toMatchObject({ status: 'deferred', until: new Date(2_000_000) });
  expect(received).toHaveLength(2);
  await expect(at(1_970, true)).rejects.toMatchObject({ code: 'KA_OFFLINE' });
  expect(received).toHaveLength(3);
  await expect(at(2_000)).rejects.toMatchObject({ code: 'KA_OFFLINE' });
  expect(received).toHaveLength(4);
});

test('R5: a request that was never sent is made again', async () => {
  const server = await rotatingServer();
  const { folder, source } = await tokenFile({}, { expires_at: 9e9 });
  const given = { now: () => 9e12 - 1_000 };
  await expect(redeem(source, realContext(folder, given))).rejects.toMatchObject({
    code: 'KA_OFFLINE',
    details: { answer: 'none' },
  });
  expect(await redeem({ ...source, tokenEndpoint: server.url }, realContext(folder, given))).toMatchObject({
    status: 'refreshed',
  });
});

test('R5: an inconclusive answer to the repetition keeps the token unused', async () => {
  const { url, received } = await tokenServer((_, count) => (count === 1 ? 'hang up' : { status: 503 }));
  const { folder, source } = await tokenFile({ tokenEndpoint: url }, { expires_at: 2_000 });
  const context = realContext(folder, { now: () => 1_900_000 });
  await expect(redeem(source, context)).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { status: 503 } });
  expect(await redeem(source, context)).toMatchObject({ status: 'deferred' });
  expect(received).toHaveLength(2);
});

test('R5: a refusal of the repetition proves that the login is lost', async () => {
  const { url, received } = await tokenServer((_, count) =>
    count === 1 ? 'hang up' : { status: 400, body: { error: 'invalid_grant' } },
  );
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder), noWait)).toMatchObject({
    status: 'login-required',
    proof: 'The vendor answered 400 invalid_grant.',
  });
  expect(received).toHaveLength(2);
});

test('R5: a token may be sent again after any complete answer', async () => {
  const { url, received } = await tokenServer((_, count) =>
    count === 1 ? { status: 503 } : { body: { access_token: 'access-1' } },
  );
  const { folder, source } = await tokenFile({ tokenEndpoint: url }, { expires_at: 2_000 });
  const context = realContext(folder, { now: () => 1_900_000 });
  await expect(redeem(source, context)).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { status: 503 } });
  expect(await redeem(source, context)).toMatchObject({ status: 'refreshed' });
  expect(received).toHaveLength(2);
});

test('R5: a truncated answer counts as lost', async () => {
  const { url, received } = await tokenServer((_, count) => ({
    body: { access_token: 'access-1', refresh_token: 'refresh-1' },
    isCutOff: count === 1,
  }));
  const { folder, source, read } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(received).toHaveLength(2);
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
});

test('R5: a lost answer is not requested again after the machine has slept', async () => {
  let clock = 1_900_000;
  const { url, received } = await tokenServer(() => {
    clock += 8 * 60 * MINUTE;
    return 'hang up';
  });
  const { folder, source } = await tokenFile({ tokenEndpoint: url }, { expires_at: 9e9 });
  await expect(redeem(source, realContext(folder, { now: () => clock, force: true }))).rejects.toMatchObject({
    code: 'KA_OFFLINE',
    details: { answer: 'lost' },
  });
  expect(received).toHaveLength(1);
});

test('R5: a token that another program has replaced is not sent again', async () => {
  const { url, received } = await tokenServer(async (): Promise<Reply> => {
    await write({ access_token: 'of-the-owner', refresh_token: 'of-the-owner', expires_at: 9e9 });
    return 'hang up';
  });
  const { folder, source, write } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'fresh', expiresAt: new Date(9e12) });
  expect(received).toHaveLength(1);
});

test('R5 control: a late repetition gets the login revoked', async () => {
  let isLost = true;
  const server = await rotatingServer({ fate: answer => (isLost ? 'hang up' : answer) });
  const { source, read } = await tokenFile({ tokenEndpoint: server.url });
  const naive = async () => {
    const { refresh_token = '' } = await read();
    return fetch(source.tokenEndpoint, { method: 'POST', body: new URLSearchParams({ refresh_token }) }).then(
      ({ status }) => status,
      () => 'later',
    );
  };
  expect(await naive()).toBe('later');
  isLost = false;
  expect(server.isRevoked()).toBe(false);
  expect(await naive()).toBe(400);
  expect(server.isRevoked()).toBe(true);
});
