import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from '../../../sdk/base/json.ts';
import type { LogEntry } from '../render/log-entry.ts';

type LogPart = { readonly entries: readonly LogEntry[]; readonly end: number };

/** The last entries of a log, and the offset of its end. */
export async function readLog(file: string, limit: number): Promise<LogPart> {
  const { text, end } = await readFrom(file, 0);
  return { entries: parseLog(text).slice(-limit), end };
}

const POLL_EVERY_MS = 500;

/** Reports every new entry until `until` is aborted. After a rotation it starts at the beginning of the new log. */
export async function followLog(
  file: string,
  from: number,
  onEntry: (entry: LogEntry) => void,
  until: AbortSignal,
): Promise<void> {
  let at = from;
  while (!until.aborted) {
    const { text, end } = await readFrom(file, at);
    at = end;
    parseLog(text).forEach(onEntry);
    await sleep(POLL_EVERY_MS, undefined, { signal: until }).catch(() => undefined);
  }
}

/** Reads whole lines. A line that is still being written is read the next time. */
async function readFrom(file: string, start: number): Promise<{ readonly text: string; readonly end: number }> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return { text: '', end: 0 };
  try {
    const { size } = await handle.stat();
    const from = size < start ? 0 : start;
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - from), position: from });
    const length = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
    return { text: buffer.toString('utf8', 0, length), end: from + length };
  } finally {
    await handle.close();
  }
}

const parseLog = (text: string): readonly LogEntry[] =>
  text.split('\n').flatMap(line => {
    try {
      const entry: unknown = JSON.parse(line);
      return isRecord(entry) ? [entry] : [];
    } catch {
      return [];
    }
  });
