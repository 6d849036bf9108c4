import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as moment } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { seededRandom } from '../support/clock/simulated-clock.ts';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { times } from '../support/runs.ts';

const support = (name: string) => fileURLToPath(new URL(`../support/sign-in/${name}`, import.meta.url));
const DEAD = JSON.stringify({ account: 'm…@example.com', token: 'CANARY-old', dead: true });
/** From the start of a sign-in until after its program has stored the login. */
const SPAN_MS = 400;

type End = 'SIGKILL' | 'SIGTERM' | 'disconnect' | 'login/cancel' | 'session/pause';
const ENDS: readonly End[] = ['SIGKILL', 'SIGTERM', 'disconnect', 'login/cancel', 'session/pause'];

/** The programs that sign in to this store. */
const programsOf = (store: string): readonly string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(store);
      } catch {
        return false;
      }
    });

/** Begins a sign-in, and answers it as soon as it asks. Returns its id. */
async function signIn({ client }: Daemon): Promise<string> {
  client.on('login/didChange', ({ login, state }) => {
    if (state.name !== 'code') return;
    client.request('login/answer', { login, text: 'CANARY-pasted-code' }).catch(() => undefined);
  });
  return (await client.request('login/start', { id: 'tool' })).login;
}

async function end({ child, client, done }: Daemon, login: string, how: End): Promise<void> {
  if (how === 'SIGKILL' || how === 'SIGTERM') {
    child.kill(how);
    await done;
  } else if (how === 'disconnect') client.close();
  else if (how === 'session/pause') await client.request('session/pause', { id: 'tool' });
  else await client.request('login/cancel', { login }).catch(() => undefined);
}

test.skipIf(process.platform !== 'linux')(
  'R24: a sign-in that ends at any moment loses no login and leaves no program (on Linux, which lists arguments)',
  { timeout: 1_200_000 },
  async ({ annotate }) => {
    const rounds = times(10, 200);
    const random = seededRandom(24);
    let stored = 0;
    for (let round = 0; round < rounds; round += 1) {
      const how = ENDS[round % ENDS.length] ?? 'SIGKILL';
      const home = temporaryHome({ 'tool/login.json': DEAD });
      const store = join(home, 'tool/login.json');
      const options = { folder: join(home, 'tool'), program: support('vendor-program.mjs') };
      const isolated = round % 2 === 0;
      const config = { plugins: [[support('vendor-tool.mjs'), options, { isolated }]] };
      writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify(config));
      const daemon = await startDaemon(home, { args: ['--config', join(home, 'keepalive.config.json')] });
      await untilSession(daemon, 'tool', ({ state }) => state.name === 'halted');
      const login = await signIn(daemon);
      await moment(random() * SPAN_MS);
      await end(daemon, login, how);
      await expect.poll(() => programsOf(store), { timeout: 20_000 }).toEqual([]);
      const text = readFileSync(store, 'utf8');
      if (text !== DEAD) {
        expect([round, how, JSON.parse(text).token]).toEqual([round, how, expect.stringContaining('CANARY-token')]);
        stored += 1;
      }
      daemon.child.kill('SIGKILL');
      await daemon.done;
    }
    await annotate(`${rounds} sign-ins ended: ${stored} had stored the new login, ${rounds - stored} kept the old one`);
  },
);
