import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { silentLog } from '../runtime/log/log.ts';
import { forker } from '../runtime/worker/worker-process.ts';
import { isolator } from '../runtime/worker/isolated-plugin.ts';
import { locateHome } from '../sdk/system/home.ts';
import { DIST } from './daemon.ts';

// Measures a plugin in its own process: each start, and the memory while it is kept. Decision 15 uses these numbers.

const STARTS = 20;

/** The processor time of a process in milliseconds (only on Linux), and its memory in MiB. */
function costsOf(pid: number | undefined): { readonly processorMs: number; readonly memoryMiB: number } {
  const [user, system] =
    process.platform === 'linux'
      ? (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [])
      : [];
  const memoryMiB = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
  return { processorMs: (Number(user) + Number(system)) * 10, memoryMiB };
}

const PLUGIN = `export default () => ({
  kind: 'provider', id: 'mine', displayName: 'Mine',
  refresh: async () => ({ status: 'fresh' }), inspect: async () => ({ present: true }),
});`;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

async function measure(file: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  await writeFile(join(folder, file), PLUGIN);
  const processes: ChildProcess[] = [];
  const fork = forker(process.env, join(DIST, 'runtime/worker/main.js'));
  const samples: { readonly ms: number; readonly processorMs: number; readonly memoryMiB: number }[] = [];
  for (let start = 0; start < STARTS; start++) {
    const isolate = isolator({
      log: silentLog(),
      lingerMs: 60_000,
      files: { watch: () => () => undefined },
      home: locateHome({ KEEPALIVE_HOME: folder }),
      conceal: () => undefined,
      fork: module => {
        const child = fork(module);
        processes.push(child);
        return child;
      },
    });
    const started = performance.now();
    const { dispose } = await isolate(
      { name: `./${file}`, options: {} },
      { base: join(folder, 'keepalive.config.json'), stateDir: folder },
    );
    const ms = performance.now() - started;
    samples.push({ ms, ...costsOf(processes.at(-1)?.pid) });
    await dispose();
  }
  const show = (name: keyof (typeof samples)[number]) => Math.round(mean(samples.slice(1).map(sample => sample[name])));
  const start = `a start takes ${show('ms')} ms and ${show('processorMs')} ms of processor time`;
  console.log(`${file}: ${start}; a process that is kept takes ${show('memoryMiB')} MiB`);
  await rm(folder, { recursive: true });
}

await measure('plugin.mjs');
await measure('plugin.ts');
