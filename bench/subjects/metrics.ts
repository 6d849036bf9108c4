import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Figure } from '../benchmark.ts';
import { configuration, startConfigured, stopDaemon, type Daemon } from '../measure/daemon.ts';
import { costsOf } from '../measure/process-costs.ts';
import { percentile } from '../measure/statistics.ts';

// Measures a scrape of the metrics of many sessions, beside a bare server that answers with the same text, and beside
// prom-client, which makes every line at every scrape.

const SESSIONS = 1_000;
const PROGRAM = fileURLToPath(new URL('metrics/peer-process.js', import.meta.url));
const POLL_MS = 20;

type Target = { readonly port: number; readonly token: string; readonly pid: number };

/** With the plugin, and with little pause between the attempts of a session. */
const withMetrics = (text: string): string =>
  text.replace(/export default \{(.*), plugins \}/, (_all, others: string) => {
    const policy = "policy: { minInterval: '100ms' }";
    return `export default { ${policy}, ${others}, plugins: [['metrics', { port: 0 }], ...plugins] }`;
  });

/** One scrape, with a new connection, until the last byte. */
async function scrape({ port, token }: Target): Promise<{ readonly ms: number; readonly text: string }> {
  const begun = performance.now();
  const headers = { authorization: `Bearer ${token}` };
  const sent = request({ host: '127.0.0.1', port, path: '/metrics', headers, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { ms: performance.now() - begun, text: Buffer.concat(chunks).toString() };
}

/** The listener of the daemon, once every session has been attempted. */
async function targetOf({ client, home, process: { pid = NaN } }: Daemon): Promise<Target> {
  for (;;) {
    const log = await readFile(join(home, 'keepalived.log'), 'utf8');
    const [, port] = /127\.0\.0\.1:(\d+)\/metrics/.exec(log) ?? [];
    const sessions = await client.request('session/list');
    if (port !== undefined && sessions.every(({ state }) => state.name === 'alive'))
      return { port: Number(port), token: (await readFile(join(home, 'metrics.token'), 'utf8')).trim(), pid };
    await sleep(POLL_MS);
  }
}

async function startPeer(
  mode: 'bare' | 'prom-client',
  text: string,
): Promise<Target & { readonly process: ChildProcess }> {
  const peer = fork(PROGRAM, [mode], { stdio: 'ignore', execArgv: [] });
  peer.send(text);
  const [port]: number[] = await once(peer, 'message');
  return { port: port ?? NaN, token: '', pid: peer.pid ?? NaN, process: peer };
}

const BARE = 'bare server';
const PEER = 'prom-client';

/** The 99th percentile of a scrape of each server, in turns. `before` runs before each scrape of ours. */
async function compare(
  targets: Readonly<Record<string, Target>>,
  rounds: number,
  before: (nth: number) => Promise<void>,
) {
  const times: Record<string, number[]> = {};
  for (let nth = -rounds / 10; nth < rounds; nth += 1) {
    for (const [name, target] of Object.entries(targets)) {
      if (name === 'ours') await before(nth);
      const { ms } = await scrape(target);
      if (nth >= 0) (times[name] ??= []).push(ms);
    }
  }
  return (name: string) => percentile(times[name] ?? [], 0.99);
}

/** The processor time that each server has used. Each has its own process. */
const processorOf = (targets: Readonly<Record<string, Target>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(targets).map(([name, { pid }]) => [name, costsOf(pid).processorMs]));

function figuresOf(id: string, what: string, p99: (name: string) => number): readonly Figure[] {
  const ours = p99('ours');
  return [
    { id, what, value: ours, unit: 'ms', beside: { [BARE]: p99(BARE), [PEER]: p99(PEER) } },
    {
      id: `${id}-beyond-loopback`,
      what: `… less that of the ${BARE}`,
      value: Math.max(0, ours - p99(BARE)),
      unit: 'ms',
      goal: { atMost: 5 },
    },
  ];
}

export const metrics: Benchmark = async ({ dist, isQuick, progress }) => {
  const rounds = isQuick ? 50 : 200;
  const daemon = await startConfigured(withMetrics(configuration(SESSIONS, 100)), dist);
  const ours = await targetOf(daemon);
  const { text } = await scrape(ours);
  const [bare, peer] = [await startPeer('bare', text), await startPeer('prom-client', text)];
  const targets = { ours, [BARE]: bare, [PEER]: peer };
  progress('scrapes at rest');
  const before = processorOf(targets);
  const atRest = await compare(targets, rounds, async () => undefined);
  const after = processorOf(targets);
  const perScrape = (name: string) => ((after[name] ?? NaN) - (before[name] ?? NaN)) / (rounds * 1.1);
  progress('scrapes while sessions change');
  const changing = await compare(targets, rounds, async nth => {
    const id = `session-${(nth + rounds) % SESSIONS}`;
    await daemon.client.request('session/refresh', { id, force: true }).catch(() => undefined);
  });
  await stopDaemon(daemon);
  for (const { process: child } of [bare, peer]) child.kill();
  const size: Figure = { id: 'size', what: `text for ${SESSIONS} sessions`, value: text.length / 1_024, unit: 'KiB' };
  return {
    figures: [
      size,
      {
        id: 'processor',
        what: 'processor time of a scrape',
        value: perScrape('ours'),
        unit: 'ms',
        beside: { [BARE]: perScrape(BARE), [PEER]: perScrape(PEER) },
      },
      ...figuresOf('rest', '99th percentile of a scrape, no session changes', atRest),
      ...figuresOf('changing', '… a session is refreshed before each scrape', changing),
    ],
  };
};
