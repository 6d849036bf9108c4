import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { times } from '../support/runs.ts';

/** What a stranger's provider may do instead of its work. */
const DEEDS = {
  'throws-at-once': `refresh() { throw new Error('boom'); }`,
  'never-settles': `refresh: () => new Promise(() => undefined)`,
  'rejects-too-late': `refresh: async () => { setTimeout(() => Promise.reject(new Error('late')), 10); setTimeout(() => { throw new Error('later'); }, 20); return { status: 'fresh' }; }`,
  'answers-100-MB': `refresh: async () => ({ status: 'x'.repeat(100_000_000) })`,
  'throws-100-MB': `refresh: async () => { throw new Error('x'.repeat(100_000_000)); }`,
  'logs-without-end': `refresh: async ({ log }) => { for (;;) log.error('x'.repeat(10_000)); }`,
  // Until its daemon is gone: the end of the test kills that, and nothing else would end the process then.
  spins: `refresh: async () => { for (const parent = process.ppid; process.ppid === parent;); }`,
  'ends-its-process': `refresh: async () => process.exit(0)`,
  'fills-the-memory': `refresh: async () => { const all = []; for (;;) all.push(new Array(1_000).fill(Math.random())); }`,
  'kills-itself': `refresh: async () => process.kill(process.pid, 'SIGKILL')`,
} as const;

const source = (members: string) =>
  `export default ({ id }) => ({ kind: 'provider', id, displayName: id, ${members} });`;
const GOOD = source(
  `policy: { schedule: { mode: 'interval', every: '200ms' }, minInterval: '200ms', jitter: 0 }, refresh: async () => ({ status: 'fresh' })`,
);

/** These do not end by themselves. The others have the time that they need, on however busy a machine. */
const ENDLESS = ['never-settles', 'logs-without-end', 'spins'];

/** Some of them spin for ever: whoever waited for those would be later than a busy machine makes anybody. */
const LATE_MS = 5_000;

/** A daemon with a plugin that is good, in it, and others, in it or not. */
async function daemonWith(
  others: Readonly<Record<string, string>>,
  isolated: boolean,
  policy: object = {},
): Promise<Daemon> {
  const ids = Object.keys(others);
  const home = temporaryHome({
    'good.mjs': GOOD,
    ...Object.fromEntries(ids.map(id => [`${id}.mjs`, source(others[id] ?? '')])),
    'keepalive.config.json': JSON.stringify({
      plugins: [
        ['./good.mjs', { id: 'good' }, { isolated: false }],
        ...ids.map(id => [`./${id}.mjs`, { id }, { isolated }]),
      ],
      sessions: Object.fromEntries(ids.map(id => [id, { ...(ENDLESS.includes(id) && { timeout: '2s' }), ...policy }])),
      concurrency: 20,
    }),
  });
  return startDaemon(home);
}

/** The longest time between two attempts of the good one until `enough` is true, in milliseconds. */
async function longestGap({ client }: Daemon, enough: (attempts: number) => boolean): Promise<number> {
  const at: number[] = [];
  await new Promise<void>(
    resolve =>
      void client.on('session/didAttempt', ({ id, startedAt }) => {
        if (id === 'good' && at.push(startedAt) && enough(at.length)) resolve();
      }),
  );
  return Math.max(...at.slice(1).map((next, index) => next - (at[index] ?? next)));
}

describe('R17: one bad plugin hurts nobody', () => {
  test('ten at one time, each bad in its own way', async ({ annotate }) => {
    const daemon = await daemonWith(DEEDS, true);
    let isOver = false;
    const gap = longestGap(daemon, () => isOver);
    const outcomes = await Promise.all(
      Object.keys(DEEDS).map(async id => {
        const { lastAttempt } = await untilSession(daemon, id, session => session.lastAttempt !== undefined);
        expect(JSON.stringify(lastAttempt).length).toBeLessThan(2_000);
        return [id, lastAttempt?.outcome];
      }),
    );
    expect(outcomes).toEqual(Object.keys(DEEDS).map(id => [id, id === 'rejects-too-late' ? 'fresh' : 'failed']));
    isOver = true;
    expect(await gap).toBeLessThan(LATE_MS);
    await annotate(`the good one, which wants 200 ms, waited ${await gap} ms at most`);
    expect(await daemon.client.request('kernel/info')).toMatchObject({ sessions: 11, pid: daemon.child.pid });
  });

  test('again and again: it spins at every attempt, and the good one is on time', async ({ annotate }) => {
    const restless = {
      timeout: '500ms',
      schedule: { mode: 'interval', every: '200ms' },
      minInterval: '200ms',
      backoff: { initial: '100ms', factor: 1, max: '100ms' },
      maxFailures: 1_000,
    };
    const daemon = await daemonWith({ spins: DEEDS.spins }, true, restless);
    let spun = 0;
    daemon.client.on('session/didAttempt', ({ id }) => void (spun += Number(id === 'spins')));
    const gap = await longestGap(daemon, attempts => attempts > times(15, 500) && spun > 1);
    await annotate(
      `${spun} attempts spun until they were killed; the good one, which wants 200 ms, waited ${gap} ms at most`,
    );
    expect(gap).toBeLessThan(LATE_MS);
  });
});

/** In the daemon itself, and only once all sessions are up. */
async function begun(deed: string): Promise<Daemon> {
  const go = join(temporaryHome(), 'go');
  const often = { schedule: { mode: 'interval', every: '200ms' }, minInterval: '200ms', jitter: 0 };
  const members = `refresh: async () => { if (process.getBuiltinModule('node:fs').existsSync(${JSON.stringify(go)})) { ${deed} } return { status: 'fresh' }; }`;
  const daemon = await daemonWith({ bad: members }, false, often);
  // First attempts are seconds apart: the good one's may be over before the bad one's begins.
  await Promise.all(['good', 'bad'].map(id => untilSession(daemon, id, session => session.lastAttempt !== undefined)));
  writeFileSync(go, '');
  return daemon;
}

describe.concurrent('R17, the control: in the daemon itself', () => {
  test('one that spins for two seconds makes all others late', async () => {
    const daemon = await begun('for (const end = Date.now() + 2_000; Date.now() < end;);');
    expect(await longestGap(daemon, attempts => attempts > 3)).toBeGreaterThan(1_900);
  });

  test('one that ends its process ends the daemon', async () => {
    const daemon = await begun('process.exit(42);');
    expect((await daemon.done).code).toBe(42);
  });
});
