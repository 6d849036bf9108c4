import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { OpenBackend } from '../backend.ts';
import { WAKE, type WorkerOrder, type WorkerReport, type WorkerStart } from './messages.ts';

/** It calls Windows through koffi, an optional package. */
const NO_KOFFI =
  'The tray needs the package koffi, which is not installed or has no binary for this system: `npm install -g koffi`.';

const isAboutKoffi = (error: unknown): boolean => error instanceof Error && /koffi/i.test(error.message);

/** An icon in the notification area of the taskbar. UNTESTED on Windows; its prototype has run under wine. */
export const openWindows: OpenBackend = async ({ name, model, onAction }) => {
  const win32 = await import('./win32.ts').catch((error: unknown) => {
    if (isAboutKoffi(error)) return undefined;
    throw error;
  });
  if (!win32) return { absent: NO_KOFFI };
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
    win32.PostMessageW(report.window, WAKE, 0, 0);
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
