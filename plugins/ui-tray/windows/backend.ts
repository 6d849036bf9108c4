import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { OpenBackend } from '../backend.ts';
import { WAKE, type WorkerOrder, type WorkerReport, type WorkerStart } from './messages.ts';

/** An icon in the notification area of the taskbar. UNTESTED on Windows; its prototype has run under wine. */
export const openWindows: OpenBackend = async ({ name, model, onAction }) => {
  const { PostMessageW } = await import('./win32.ts');
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { name, model } satisfies WorkerStart,
  });
  const lost = new Promise<never>((_resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The taskbar icon is gone.')));
  });
  lost.catch(() => undefined);
  const [report]: WorkerReport[] = await Promise.race([once(worker, 'message'), lost]);
  if (!report || !('window' in report)) {
    await worker.terminate();
    return { absent: report && 'absent' in report ? report.absent : 'The taskbar shows no icons.' };
  }
  worker.on('message', (next: WorkerReport) => {
    if ('action' in next) onAction(next.action);
  });
  const order = (message: WorkerOrder) => {
    worker.postMessage(message);
    PostMessageW(report.window, WAKE, 0, 0);
  };
  return {
    lost,
    show: next => order({ show: next }),
    async close() {
      const ended = once(worker, 'exit');
      order({ quit: true });
      await ended;
    },
  };
};
