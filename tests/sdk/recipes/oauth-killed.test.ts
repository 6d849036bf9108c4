import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { redeem, type TokenFile } from '../../../sdk/recipes/oauth.ts';
import { realContext } from '../../support/real-context.ts';
import { tokenFile } from '../../support/token-file.ts';
import { tokenServer } from '../../support/token-server.ts';

const CHILD = new URL('../../support/dying-redeem.mjs', import.meta.url).pathname;
const run = promisify(execFile);

/** It answers a repeated request like the one before, as many vendors do, and refuses all others. */
async function patientServer() {
  let generation = 0;
  return tokenServer(({ token }) => {
    if (token === `refresh-${generation}`) generation += 1;
    else if (token !== `refresh-${generation - 1}`) return { status: 400, body: { error: 'invalid_grant' } };
    return { body: { access_token: `access-${generation}`, refresh_token: `refresh-${generation}`, expires_in: 3_600 } };
  });
}

const childRedeem = (source: TokenFile, folder: string, killAt?: number) =>
  run(process.execPath, [CHILD, JSON.stringify(source), folder, ...(killAt === undefined ? [] : [String(killAt)])]);

test('killed before anything it does to the disk, it leaves a whole file, and the next attempt a live session', { timeout: 60_000 }, async () => {
  const { url } = await patientServer();
  const whole = await tokenFile({ tokenEndpoint: url });
  const steps = Number((await childRedeem(whole.source, whole.folder)).stdout);
  expect(steps).toBeGreaterThan(25);

  async function killAt(step: number): Promise<void> {
    const server = await patientServer();
    const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url, lockStaleMs: 1 });
    await expect(childRedeem(source, folder, step)).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(['refresh-0', 'refresh-1']).toContain((await read()).refresh_token);
    expect(await redeem(source, realContext(folder))).toMatchObject({ status: expect.stringMatching(/^(refreshed|fresh)$/) });
    expect(await read()).toMatchObject({ access_token: 'access-1', refresh_token: 'refresh-1' });
    expect((await stat(source.file)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter(name => !['journal', 'token.json', 'token.json.lock'].includes(name))).toEqual([]);
    expect(server.received.length).toBeLessThanOrEqual(2);
  }
  const remaining = Array.from({ length: steps }, (_, index) => index + 1);
  const worker = async () => {
    for (let step = remaining.shift(); step !== undefined; step = remaining.shift()) await killAt(step);
  };
  await Promise.all([worker(), worker()]);
});
