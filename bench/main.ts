import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DIST, startDaemon, stopDaemon, type Daemon } from './daemon.ts';

// Measures start, memory and requests on this machine. Needs a build: `npm run bench` makes one.

const RUNS = 15;
const SESSIONS = 100;
/** By then the sessions have been attempted, and the garbage of the start is collected. */
const SETTLE_MS = 15_000;
const IDLE_MS = 20_000;
const REQUESTS_MS = 3_000;
const IN_FLIGHT = 64;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function coldStart(): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const daemon = await startDaemon(1);
    times.push(daemon.answeredAfterMs);
    await stopDaemon(daemon);
  }
  return median(times);
}

const memoryMiB = ({ process: { pid } }: Daemon): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;

/** The processor time used so far, in milliseconds. Only Linux reports it precisely enough. */
function processorMs({ process: { pid } }: Daemon): number {
  if (process.platform !== 'linux') return NaN;
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
  return (Number(user) + Number(system)) * 10;
}

async function requestsPerSecond({ client }: Daemon): Promise<number> {
  const end = performance.now() + REQUESTS_MS;
  let answered = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (; performance.now() < end; answered++) await client.request('session/list');
    }),
  );
  return answered / (REQUESTS_MS / 1_000);
}

function processTime(args: readonly string[], home: string): number {
  return median(
    Array.from({ length: RUNS }, () => {
      const started = performance.now();
      execFileSync(process.execPath, args, { env: { ...process.env, KEEPALIVE_HOME: home }, stdio: 'ignore' });
      return performance.now() - started;
    }),
  );
}

const start = await coldStart();
const daemon = await startDaemon(SESSIONS);
await pause(SETTLE_MS);
const settled = processorMs(daemon);
await pause(IDLE_MS);
const busy = processorMs(daemon) - settled;
const memory = memoryMiB(daemon);
const empty = processTime(['-e', ''], daemon.home);
const prompt = processTime([join(DIST, 'plugins/ui-cli/main.js'), 'prompt'], daemon.home);
const rate = await requestsPerSecond(daemon);
await stopDaemon(daemon);

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
console.log(`Node ${process.versions.node}, ${machine}; ${new Date().toISOString().slice(0, 10)}\n`);
console.table({
  'cold start to the first answer': `${start.toFixed(0)} ms`,
  [`memory, idle with ${SESSIONS} sessions`]: `${memory.toFixed(0)} MiB`,
  [`processor, idle with ${SESSIONS} sessions`]: `${((busy / IDLE_MS) * 100).toFixed(2)} % of a core`,
  [`session/list of ${SESSIONS}, one connection, ${IN_FLIGHT} in flight`]: `${rate.toFixed(0)} per second`,
  'keepalive prompt': `${prompt.toFixed(0)} ms, of which Node itself ${empty.toFixed(0)} ms`,
});
