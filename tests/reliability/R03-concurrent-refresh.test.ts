import { join } from 'node:path';
import { expect, test } from 'vitest';
import { certifiedServer } from '../support/vendors/certified-server.ts';
import { OtherProcess } from '../support/io/other-process.ts';
import { times } from '../support/runs.ts';
import { tokenFile } from '../support/vendors/token-file.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

/** Longer than a refresh takes, so that the processes overlap differently in each round. */
const SPREAD_MS = 20;
const TIMEOUT_MS = 3_600_000;

const eight = OtherProcess.shared(8);

test.for([2, 8])(
  'R3: %i processes that refresh one login at the same time do not lose it',
  { timeout: TIMEOUT_MS },
  async (count, { annotate }) => {
    const server = await rotatingServer();
    const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url });
    const processes = eight.slice(0, count);
    const rounds = times(10, 1_000);
    const seen = { refreshed: 0, fresh: 0, deferred: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const after = (index: number) => (round * index * 7) % SPREAD_MS;
      const outcomes = await Promise.all(
        processes.map((other, index) =>
          other.redeem({
            source,
            folder,
            journalDir: join(folder, `journal-${index}`),
            force: true,
            after: after(index),
          }),
        ),
      );
      for (const { status } of outcomes)
        if (status === 'refreshed' || status === 'fresh' || status === 'deferred') seen[status] += 1;
      expect(server.isRevoked()).toBe(false);
      expect(await read()).toMatchObject({ refresh_token: server.current() });
    }
    expect(seen.refreshed).toBeGreaterThanOrEqual(rounds);
    expect(seen.refreshed + seen.fresh + seen.deferred).toBe(rounds * count);
    expect(server.received).toHaveLength(seen.refreshed);
    await annotate(
      `${rounds} rounds, ${count} processes: 0 lost; ${seen.refreshed} refreshed, ` +
        `${seen.fresh} found it done, ${seen.deferred} deferred`,
    );
  },
);

test(
  'R3: a certified server, which revokes a reused grant, revokes none',
  { timeout: TIMEOUT_MS },
  async ({ annotate }) => {
    const { counts, signIn, ...endpoint } = await certifiedServer();
    const { folder, source } = await tokenFile(endpoint, { refresh_token: await signIn() });
    const processes = eight.slice(0, 2);
    const rounds = times(5, 200);
    for (let round = 0; round < rounds; round += 1)
      await Promise.all(processes.map(other => other.redeem({ source, folder, force: true })));
    expect(counts.refused).toBe(0);
    expect(counts.renewed).toBeGreaterThanOrEqual(rounds);
    await annotate(`${rounds} rounds, 2 processes: 0 lost`);
  },
);

test('R3 control: without the lock the processes lose their logins', async ({ annotate }) => {
  const processes = eight.slice(0, 2);
  const rounds = times(3, 200);
  let lost = 0;
  for (let round = 0; round < rounds; round += 1) {
    const server = await rotatingServer();
    const { folder, source } = await tokenFile({ tokenEndpoint: server.url, locks: [] });
    await Promise.all(processes.map(other => other.redeem({ source, folder, force: true })));
    lost += Number(server.isRevoked());
  }
  expect(lost).toBeGreaterThan(0);
  await annotate(`${rounds} rounds, 2 processes: ${lost} lost`);
});
