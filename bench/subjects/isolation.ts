import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { silentLog } from '../../runtime/log/log.ts';
import { forker } from '../../runtime/worker/worker-process.ts';
import { isolator } from '../../runtime/worker/isolated-plugin.ts';
import { locateHome } from '../../sdk/system/home.ts';
import type { Benchmark, Figure } from '../benchmark.ts';
import { costsOf } from '../measure/process-costs.ts';
import { mean } from '../measure/statistics.ts';

// Measures a plugin in its own process: each start, and the memory while it is kept. Decision 15 uses these numbers.

const STARTS = 20;

const PLUGIN = `export default () => ({
  kind: 'provider', id: 'mine', displayName: 'Mine',
  refresh: async () => ({ status: 'fresh' }), inspect: async () => ({ present: true }),
});`;

type Start = { readonly ms: number; readonly processorMs: number; readonly memoryMiB: number };

/** Starts the plugin in a separate process, again and again. */
async function startsOf(file: string, dist: string): Promise<readonly Start[]> {
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  await writeFile(join(folder, file), PLUGIN);
  const processes: ChildProcess[] = [];
  const fork = forker(process.env, join(dist, 'runtime/worker/main.js'));
  const starts: Start[] = [];
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
    starts.push({ ms, ...costsOf(processes.at(-1)?.pid ?? NaN) });
    await dispose();
  }
  await rm(folder, { recursive: true });
  return starts.slice(1);
}

async function figuresOf(file: string, dist: string): Promise<readonly Figure[]> {
  const starts = await startsOf(file, dist);
  const meanOf = (name: keyof Start) => mean(starts.map(start => start[name]));
  return [
    { id: `${file}/start`, what: `a start of the process of ${file}`, value: meanOf('ms'), unit: 'ms' },
    { id: `${file}/processor`, what: '… its processor time', value: meanOf('processorMs'), unit: 'ms' },
    { id: `${file}/memory`, what: '… its memory while it is kept', value: meanOf('memoryMiB'), unit: 'MiB' },
  ];
}

export const isolation: Benchmark = async ({ dist }) => ({
  figures: [...(await figuresOf('plugin.mjs', dist)), ...(await figuresOf('plugin.ts', dist))],
});
