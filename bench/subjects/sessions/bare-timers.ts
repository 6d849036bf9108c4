import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { costsOf } from '../../measure/process-costs.ts';

/** A process of Node with this many timers, each with a function that knows its number. */
const PROGRAM = `
  const wait = index => setTimeout(() => process.emit('due', index), 3_600_000 + index);
  for (let index = 0; index < Number(process.argv[2]); index++) wait(index);
  process.send('ready');
`;

export async function bareTimers(count: number) {
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  const file = join(folder, 'timers.mjs');
  await writeFile(file, PROGRAM);
  const begun = performance.now();
  const child = fork(file, [String(count)], { stdio: 'ignore' });
  await once(child, 'message');
  const answeredAfterMs = performance.now() - begun;
  const { processorMs, memoryMiB } = costsOf(child.pid ?? NaN);
  const ended = once(child, 'exit');
  child.kill();
  await ended;
  await rm(folder, { recursive: true });
  return { answeredAfterMs, processorMs, memoryMiB };
}
