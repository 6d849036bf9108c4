import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { HOLD_LIMIT_MS, KERNEL_PIPE } from './limits.ts';

/** The plugin's thread ends the process by itself within this, if it still can. */
const GRACE_MS = 2_000;

// A thread of its own: a plugin that spins hears nothing, and would go on for ever after the kernel has died.
const held = workerData instanceof Int32Array ? workerData : new Int32Array(1);
new Socket({ fd: KERNEL_PIPE })
  .resume()
  .on('error', () => undefined)
  .on('close', () => setTimeout(endWhenFree, GRACE_MS));

function endWhenFree(): void {
  for (let count = Atomics.load(held, 0); count > 0; count = Atomics.load(held, 0)) {
    if (Atomics.wait(held, 0, count, HOLD_LIMIT_MS) === 'timed-out') break;
  }
  process.kill(process.pid, 'SIGKILL');
}
