import { expect, test } from 'vitest';
import { redeem } from '../../../sdk/recipes/oauth.ts';
import { realContext } from '../../support/real-context.ts';
import { noWait, tokenFile } from '../../support/token-file.ts';
import { rotatingServer } from '../../support/token-server.ts';

async function race(rounds: number, locked: boolean): Promise<{ readonly lost: number; readonly requests: number }> {
  let lost = 0;
  let requests = 0;
  for (let round = 0; round < rounds; round++) {
    const server = await rotatingServer();
    const { folder, source } = await tokenFile({ tokenEndpoint: server.url, ...(locked ? {} : { locks: [] }) });
    await Promise.all([redeem(source, realContext(folder), noWait), redeem(source, realContext(folder), noWait)]);
    lost += Number(server.isRevoked());
    requests += server.received.length;
  }
  return { lost, requests };
}

test('two refreshers spend one token, and no login is lost', async () => {
  expect(await race(50, true)).toEqual({ lost: 0, requests: 50 });
});

test('without the lock they would lose logins', async () => {
  expect((await race(5, false)).lost).toBeGreaterThan(0);
});
