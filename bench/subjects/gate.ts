import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTokenServer } from '../../plugins/practice/token-server.ts';
import type { Benchmark, Figure } from '../benchmark.ts';
import { startConfigured, stopDaemon, type Daemon } from '../measure/daemon.ts';
import { median, percentile } from '../measure/statistics.ts';
import { startAlone } from './gate/alone.ts';
import { startBeside, type Start } from './gate/beside.ts';
import { LIFE_S, login, MIN_MS, type Login } from './gate/login.ts';

// Starts of jobs behind the gate, around expiries: the tokens last for seconds, and the server revokes a login whose
// refresh token is used twice.

const STARTS = 10_000;
/** Some twenty renewals. */
const SPREAD_MS = 60_000;
const POLL_MS = 50;
const ROUNDS = 5;
const TOGETHER = 6;

export const gate: Benchmark = async ({ dist, isQuick, progress }) => {
  const share = isQuick ? 10 : 1;
  const server = await startTokenServer(LIFE_S);
  progress('starts beside a daemon');
  const beside = await manyBeside(dist, await login(server, 'beside'), {
    starts: STARTS / share,
    ms: SPREAD_MS / share,
  });
  progress('starts without a daemon, several at once');
  const alone = await startAlone(dist, await login(server, 'alone'), {
    rounds: isQuick ? 1 : ROUNDS,
    together: TOGETHER,
  });
  return {
    figures: [
      ...figuresOf('beside', 'beside a daemon', beside),
      ...figuresOf('alone', 'as processes without a daemon', alone),
    ],
  };
};

type Starts = { readonly starts: readonly Start[]; readonly isAlive: boolean };

/** In this process, evenly spread over some lives of a token. */
async function manyBeside(dist: string, kept: Login, { starts, ms }: { starts: number; ms: number }): Promise<Starts> {
  const daemon = await startConfigured(`export default ${JSON.stringify(kept.configuration)}`, dist);
  try {
    await firstSuccess(daemon);
    const before = performance.now();
    const started = Array.from({ length: starts }, async (_, index) => {
      await sleep(Math.max(0, before + (index * ms) / starts - performance.now()));
      return startBeside(join(daemon.home), kept);
    });
    const all = await Promise.all(started);
    return { starts: all, isAlive: await kept.isAlive() };
  } finally {
    await stopDaemon(daemon);
  }
}

async function firstSuccess({ client }: Daemon): Promise<void> {
  while ((await client.request('session/list')).some(({ state }) => state.name !== 'alive')) await sleep(POLL_MS);
}

function figuresOf(id: string, where: string, { starts, isAlive }: Starts): readonly Figure[] {
  const times = starts.map(({ ms }) => ms);
  const figure = (name: string, what: string, value: number, goal?: Figure['goal']): Figure => ({
    id: `${id}/${name}`,
    what: `${what}, ${where}`,
    value,
    unit: '',
    ...(goal && { goal }),
  });
  return [
    figure('starts', 'starts', starts.length),
    figure('lost', 'logins lost', isAlive ? 0 : 1, { atMost: 0 }),
    figure(
      'failed',
      `jobs whose login failed at the start or ${MIN_MS / 1_000} s later`,
      starts.filter(({ job }) => job === 'failed').length,
      { atMost: 0 },
    ),
    figure('refused', 'jobs that were refused', starts.filter(({ job }) => job === 'refused').length),
    { ...figure('median', 'until the job starts, median', median(times)), unit: 'ms' },
    { ...figure('p99', 'until the job starts, 99th percentile', percentile(times, 0.99)), unit: 'ms' },
  ];
}
