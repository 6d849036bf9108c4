import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { IS_TORTURE, times } from '../support/runs.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

const MB = 1024 * 1024;
const SAMPLES = 20;
/** Ten attempts a second each are more than the daemon makes. */
const FAST = 100;
/** How much a warm program may still grow. A short run is not warm yet. */
const ALLOWED_MB = IS_TORTURE ? 1 : 1.5;

/** As `probe.mjs` reports it. */
type Sample = {
  readonly heapUsed: number;
  readonly rss: number;
  readonly resources: number;
  readonly files: number;
  readonly rejections: number;
};

/** Sessions that are attempted as often as a policy allows, and end in every way that does not stop them. */
const sessions = (leak: string) => `
  const kept = [];
  const session = n => {
    let nth = 0;
    return {
      kind: 'provider', id: 'fast-' + n, displayName: 'Fast ' + n,
      policy: {
        minInterval: '100ms',
        schedule: { mode: 'interval', every: '100ms' },
        maxFailures: 1000,
        backoff: { initial: '100ms', factor: 1, max: '100ms' },
      },
      inspect: async () => ({ present: true, fingerprint: String(nth) }),
      refresh: async ({ now, signal }) => {
        nth += 1;
        ${leak}
        if (nth % 7 === 0) throw new Error('It failed.');
        if (nth % 11 === 0) throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNRESET' });
        if (nth % 17 === 0) return { what: 'is this' };
        return { status: 'refreshed', expiresAt: new Date(now() + 3_600_000 + nth) };
      },
    };
  };`;

/** A listener for every attempt, which is never removed and holds memory. */
const LEAK = `
  const body = new Array(2_048).fill(nth);
  process.setMaxListeners(0);
  process.on('SIGUSR2', () => [signal, body]);`;

/** Runs a real daemon for `total` attempts, some with tokens, locks and a journal, and samples its resources. */
async function manyAttempts(total: number, leak = '') {
  if (existsSync('/dev/shm')) {
    // In memory, for the speed of the disk is not measured here.
    vi.stubEnv('TMPDIR', '/dev/shm');
    onTestFinished(() => void vi.unstubAllEnvs());
  }
  const servers = await Promise.all([1, 2, 3].map(() => rotatingServer({ expiresIn: 2 })));
  const tokens = servers.map(({ url }, n) => [
    'oauth',
    {
      id: `token-${n}`,
      file: `~/tokens/${n}.json`,
      tokenEndpoint: url,
      clientId: 'client',
      paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    },
  ]);
  const home = temporaryHome({
    ...Object.fromEntries(
      servers.map((_, n) => [
        `tokens/${n}.json`,
        '{"access_token":"access-0","refresh_token":"refresh-0","expires_at":1700000000000}',
      ]),
    ),
    'keepalive.config.mjs': `${sessions(leak)}
      export default {
        plugins: [...Array.from({ length: ${FAST} }, (_, n) => session(n)), ...${JSON.stringify(tokens)}],
        sessions: Object.fromEntries([0, 1, 2].map(n => ['token-' + n, { minInterval: '100ms' }])),
        concurrency: 13,
      };`,
  });
  const probe = new URL('../support/daemon/probe.mjs', import.meta.url).href;
  const { client, child } = await startDaemon(home, {
    // V8 makes room for young objects when it wants to, up to 16 MB at once, which would hide a leak or look like one.
    env: { NODE_OPTIONS: `--max-semi-space-size=2 --import=${probe}` },
  });
  let made = 0;
  let enough = { count: Infinity, tell: () => undefined as void };
  client.on('session/didAttempt', () => {
    made += 1;
    if (made >= enough.count) enough.tell();
  });
  const samples: Sample[] = [];
  for (let nth = 1; nth <= SAMPLES; nth += 1) {
    await new Promise<void>(tell => {
      enough = { count: (nth * total) / SAMPLES, tell };
    });
    child.send({ measure: true });
    const [{ measured }] = (await once(child, 'message')) as [{ measured: Sample }];
    samples.push(measured);
  }
  expect(await client.request('session/list')).toHaveLength(FAST + servers.length);
  return { home, servers, samples, made };
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** By how many megabytes it grew from the third quarter of the run to the last. The first half is for warming up. */
function growth(samples: readonly Sample[], what: 'heapUsed' | 'rss'): number {
  const of = (from: number, to: number) =>
    middle(samples.slice(SAMPLES * from, SAMPLES * to).map(sample => sample[what]));
  return (of(0.75, 1) - of(0.5, 0.75)) / MB;
}

test('R22: memory, handles and files do not grow with the attempts, and no rejection is unhandled', async ({
  annotate,
}) => {
  const { home, servers, samples, made } = await manyAttempts(times(1_000, 100_000));
  const sizeOf = (name: string) => (existsSync(join(home, name)) ? statSync(join(home, name)).size : 0) / MB;
  const [heap, rss] = [growth(samples, 'heapUsed'), growth(samples, 'rss')];
  const [early, late] = [samples.slice(0, SAMPLES / 2), samples.slice(SAMPLES / 2)];
  const redeemed = servers.reduce((sum, { received }) => sum + received.length, 0);
  await annotate(
    `${made} attempts, ${redeemed} of them with a token: ` +
      `heap ${heap.toFixed(2)} MB and RSS ${rss.toFixed(2)} MB more ` +
      `in the last quarter than in the third, ${samples.at(-1)?.files} open files, ` +
      `${samples.at(-1)?.rejections} rejections; history ${sizeOf('history.jsonl').toFixed(1)} MB, ` +
      `logs ${(sizeOf('keepalived.log') + sizeOf('keepalived.log.1')).toFixed(1)} MB`,
  );
  expect(heap).toBeLessThan(ALLOWED_MB);
  // RSS varies more than the heap.
  expect(rss).toBeLessThan(8 * ALLOWED_MB);
  expect(Math.min(...late.map(({ resources }) => resources))).toBeLessThanOrEqual(
    Math.max(...early.map(({ resources }) => resources)),
  );
  expect(Math.min(...late.map(({ files }) => files))).toBeLessThanOrEqual(Math.max(...early.map(({ files }) => files)));
  expect(samples.at(-1)?.rejections).toBe(0);
  expect(sizeOf('history.jsonl')).toBeLessThan(2.1);
  expect(sizeOf('keepalived.log')).toBeLessThan(5.1);
  expect(sizeOf('keepalived.log.1')).toBeLessThan(5.1);
  expect(readdirSync(join(home, 'journal')).length).toBeLessThanOrEqual(2 * servers.length);
  expect(readdirSync(home).length).toBeLessThan(30);
  expect(servers.map(({ isRevoked }) => isRevoked())).toEqual([false, false, false]);
});

test('R22 control: a listener that stays after each attempt is noticed', async ({ annotate }) => {
  const { samples, made } = await manyAttempts(times(1_000, 5_000), LEAK);
  const heap = growth(samples, 'heapUsed');
  await annotate(`${made} attempts: heap ${heap.toFixed(2)} MB`);
  expect(heap).toBeGreaterThan(ALLOWED_MB);
});
