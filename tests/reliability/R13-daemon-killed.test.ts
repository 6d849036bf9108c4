import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as moment } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { spawnDaemon, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { oauthHome } from '../support/vendors/oauth-home.ts';
import { times } from '../support/runs.ts';
import { seededRandom } from '../support/clock/simulated-clock.ts';
import { tokenServer } from '../support/vendors/token-server.ts';

const HOUR_MS = 3_600_000;
const FORGETFUL = fileURLToPath(new URL('../support/io/forgetful-daemon.mjs', import.meta.url));
/** About how long a daemon takes to start. */
const START_MS = 500;

/** Accepts requests and never answers. */
const silentServer = () => tokenServer(() => new Promise(() => undefined));

test('R13: a daemon killed many times in a row makes one attempt, for it is saved before it is made', async ({
  annotate,
}) => {
  const server = await silentServer();
  const { home } = oauthHome(server.url, { policy: { minInterval: '1h' } });
  const first = spawnDaemon(home);
  await expect.poll(() => server.received.length, { interval: 5, timeout: 60_000 }).toBe(1);
  first.child.kill('SIGKILL');
  await first.done;
  const since = Date.now();

  const crashes = times(3, 50);
  const random = seededRandom(13);
  for (let crash = 1; crash < crashes; crash += 1) {
    if (crash % 10 === 9) {
      const { child, done } = spawnDaemon(home);
      await moment(random() * START_MS);
      child.kill('SIGKILL');
      await done;
      continue;
    }
    const { child, client, done } = await startDaemon(home);
    const { nextAttemptAt = 0 } = await client.request('session/get', { id: 'acme' });
    expect(nextAttemptAt).toBeGreaterThan(since + HOUR_MS - 60_000);
    child.kill('SIGKILL');
    await done;
  }
  expect(server.received).toHaveLength(1);
  await annotate(`killed ${crashes} times with an attempt due: 1 attempt`);
});

test('R13 control: a daemon that saves it afterwards makes one attempt each time', async () => {
  const server = await silentServer();
  const note = join(temporaryHome(), 'note');
  for (let crash = 1; crash <= 3; crash += 1) {
    const child = spawn(process.execPath, [FORGETFUL, server.url, note]);
    await expect.poll(() => server.received.length, { interval: 5, timeout: 60_000 }).toBe(crash);
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  expect(server.received).toHaveLength(3);
});
