import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { IS_TORTURE, times } from '../support/runs.ts';

/** What a bad third-party provider may do. */
const FAULTS = {
  'throws-at-once': `refresh() { throw new Error('boom'); }`,
  'never-settles': `refresh: () => new Promise(() => undefined)`,
  'rejects-too-late': `refresh: async () => {
    setTimeout(() => Promise.reject(new Error('late')), 10);
    setTimeout(() => { throw new Error('later'); }, 20);
    return { status: 'fresh' };
  }`,
  'answers-100-MB': `refresh: async () => ({ status: 'x'.repeat(100_000_000) })`,
  'throws-100-MB': `refresh: async () => { throw new Error('x'.repeat(100_000_000)); }`,
  'logs-without-end': `refresh: async ({ log }) => { for (;;) log.error('x'.repeat(10_000)); }`,
  // Until its daemon is gone, so that the process ends after the test has killed the daemon.
  spins: `refresh: async () => { for (const parent = process.ppid; process.ppid === parent;); }`,
  'ends-its-process': `refresh: async () => process.exit(0)`,
  'fills-the-memory': `refresh: async () => {
    for (const all = []; ; ) all.push(new Array(1_000).fill(Math.random()));
  }`,
  'kills-itself': `refresh: async () => process.kill(process.pid, 'SIGKILL')`,
} as const;

const source = (members: string) =>
  `export default ({ id }) => ({ kind: 'provider', id, displayName: id, ${members} });`;
const GOOD = source(`
  policy: { schedule: { mode: 'interval', every: '200ms' }, minInterval: '200ms', jitter: 0 },
  refresh: async () => ({ status: 'fresh' })
`);

/** These do not end by themselves and get a timeout. The others may take as long as a busy machine needs. */
const ENDLESS = ['never-settles', 'logs-without-end', 'spins'];

/** A bound on the delay in full runs, on a mostly idle machine. */
const LATE_MS = 5_000;

/** A daemon that runs a good plugin itself, and others itself or isolated. */
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

/** When the good plugin was attempted until `enough` is true. */
async function attemptsOfGood({ client }: Daemon, enough: (attempts: number) => boolean): Promise<readonly number[]> {
  const at: number[] = [];
  await new Promise<void>(
    resolve =>
      void client.on('session/didAttempt', ({ id, startedAt }) => {
        if (id === 'good' && at.push(startedAt) && enough(at.length)) resolve();
      }),
  );
  return at;
}

/** The longest time between two attempts, in milliseconds. */
const longestGap = (at: readonly number[]): number =>
  Math.max(...at.slice(1).map((next, index) => next - (at[index] ?? next)));

type Attempted = { readonly startedAt: number; readonly endedAt: number };

/** The attempts of a session from now on. */
function attemptsOf({ client }: Daemon, id: string): readonly Attempted[] {
  const attempts: Attempted[] = [];
  client.on('session/didAttempt', attempt => void (attempt.id === id && attempts.push(attempt)));
  return attempts;
}

/** Whether the good plugin was attempted during an attempt of a bad one. */
const ranDuring = (good: readonly number[], bad: readonly Attempted[]): boolean =>
  bad.some(({ startedAt, endedAt }) => good.some(at => at > startedAt && at < endedAt));

describe('R17: a bad plugin does not affect others', () => {
  test('ten plugins that fail in different ways at the same time', async ({ annotate }) => {
    const daemon = await daemonWith(FAULTS, true);
    let isOver = false;
    const attempts = attemptsOfGood(daemon, () => isOver);
    const outcomes = await Promise.all(
      Object.keys(FAULTS).map(async id => {
        const { lastAttempt } = await untilSession(daemon, id, session => session.lastAttempt !== undefined);
        expect(JSON.stringify(lastAttempt).length).toBeLessThan(2_000);
        return [id, lastAttempt?.outcome];
      }),
    );
    expect(outcomes).toEqual(Object.keys(FAULTS).map(id => [id, id === 'rejects-too-late' ? 'fresh' : 'failed']));
    isOver = true;
    const good = await attempts;
    // Also the attempts before this client was connected.
    const history = await daemon.client.request('session/history', { limit: 1_000 });
    const endless = history.filter(({ id }) => ENDLESS.includes(id));
    const all = history.flatMap(({ id, startedAt }) => (id === 'good' ? [startedAt] : []));
    expect(ranDuring(all, endless)).toBe(true);
    if (IS_TORTURE) expect(longestGap(good)).toBeLessThan(LATE_MS);
    await annotate(`the good plugin, due every 200 ms, waited ${longestGap(good)} ms at most`);
    expect(await daemon.client.request('kernel/info')).toMatchObject({ sessions: 11, pid: daemon.child.pid });
  });

  test('a plugin that spins at every attempt does not delay the good one', async ({ annotate }) => {
    const frequent = {
      timeout: '500ms',
      schedule: { mode: 'interval', every: '200ms' },
      minInterval: '200ms',
      backoff: { initial: '100ms', factor: 1, max: '100ms' },
      maxFailures: 1_000,
    };
    const daemon = await daemonWith({ spins: FAULTS.spins }, true, frequent);
    const spins = attemptsOf(daemon, 'spins');
    const good = await attemptsOfGood(daemon, attempts => attempts > times(8, 500) && spins.length > 1);
    await annotate(
      `${spins.length} attempts spun until they were killed; ` +
        `the good plugin, due every 200 ms, waited ${longestGap(good)} ms at most`,
    );
    expect(ranDuring(good, spins)).toBe(true);
    if (IS_TORTURE) expect(longestGap(good)).toBeLessThan(LATE_MS);
  });
});

/** A bad plugin in the daemon's own process. It misbehaves only once all sessions are up. */
async function unisolated(fault: string): Promise<Daemon> {
  const go = join(temporaryHome(), 'go');
  const often = { schedule: { mode: 'interval', every: '200ms' }, minInterval: '200ms', jitter: 0 };
  const members = `refresh: async () => {
    if (process.getBuiltinModule('node:fs').existsSync(${JSON.stringify(go)})) { ${fault} }
    return { status: 'fresh' };
  }`;
  const daemon = await daemonWith({ bad: members }, false, often);
  // First attempts are seconds apart, so the good plugin's may be over before the bad one's begins.
  await Promise.all(['good', 'bad'].map(id => untilSession(daemon, id, session => session.lastAttempt !== undefined)));
  writeFileSync(go, '');
  return daemon;
}

describe.concurrent("R17 control: in the daemon's own process", () => {
  test('a plugin that spins for two seconds delays all others', async () => {
    const daemon = await unisolated('for (const end = Date.now() + 2_000; Date.now() < end;);');
    expect(longestGap(await attemptsOfGood(daemon, attempts => attempts > 3))).toBeGreaterThan(1_900);
  });

  test('a plugin that ends its process ends the daemon', async () => {
    const daemon = await unisolated('process.exit(42);');
    expect((await daemon.done).code).toBe(42);
  });
});
