import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Start } from './beside.ts';
import { LIFE_S, MIN_MS, type Login } from './login.ts';

type Amount = { readonly rounds: number; readonly together: number };

/** Several processes at once, each of which may renew, when the token is about to expire. */
export async function startAlone(dist: string, login: Login, { rounds, together }: Amount) {
  const home = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  try {
    await writeFile(join(home, 'keepalive.config.json'), JSON.stringify(login.configuration));
    const starts: Start[] = [];
    for (let round = 0; round < rounds; round++) {
      await sleep(LIFE_S * 1_000 - 2 * MIN_MS);
      starts.push(...(await Promise.all(Array.from({ length: together }, () => startProcess(dist, home, login)))));
    }
    return { starts, isAlive: await login.isAlive() };
  } finally {
    await rm(home, { recursive: true });
  }
}

async function startProcess(dist: string, home: string, login: Login): Promise<Start> {
  const args = [join(dist, 'plugins/ui-cli/main.js'), 'exec', '--min', `${MIN_MS}ms`, '--', 'true'];
  const begun = performance.now();
  const env = { ...process.env, HOME: home, KEEPALIVE_HOME: home };
  const [code] = await once(spawn(process.execPath, args, { env, cwd: home, stdio: 'ignore' }), 'exit');
  const ms = performance.now() - begun;
  // Without a daemon, nothing renews the credential after the start.
  if (code !== 0) return { job: 'refused', ms };
  return { job: (await login.isGood()) ? 'done' : 'failed', ms };
}
