import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';

/** The plugin's thread exits by itself within this time, if it still can. */
const GRACE_MS = 2_000;

export type WatchdogData = {
  /** The number of critical sections in progress. */
  readonly critical: Int32Array;
  readonly criticalLimitMs: number;
  /** The file descriptor of a pipe that closes when the kernel dies. */
  readonly kernelPipe: number;
};

// A separate thread: a plugin in an endless loop would never notice that the kernel has died.
const { critical, criticalLimitMs, kernelPipe }: WatchdogData = workerData;
new Socket({ fd: kernelPipe })
  .resume()
  .on('error', () => undefined)
  .on('close', () => setTimeout(killWhenSafe, GRACE_MS));

function killWhenSafe(): void {
  for (let count = Atomics.load(critical, 0); count > 0; count = Atomics.load(critical, 0)) {
    if (Atomics.wait(critical, 0, count, criticalLimitMs) === 'timed-out') break;
  }
  process.kill(process.pid, 'SIGKILL');
}
