import { closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { pino, type DestinationStream } from 'pino';
import type { LogLevel } from '../../sdk/contract/config.ts';
import { clause } from '../../sdk/wording/sentence.ts';
import type { KernelLog } from './silent-log.ts';

export { silentLog, type KernelLog } from './silent-log.ts';

const MAX_LOG_BYTES = 5 * 1024 * 1024;
/** How much is kept in memory while the disk is full. */
const MAX_WAITING_BYTES = 256 * 1024;

/** Opens the log file, 0600. */
export function openLog(file: string, level: LogLevel, scrub: (text: string) => string): KernelLog {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: serialized },
      hooks: { streamWrite: scrub },
    },
    limited(file),
  );
}

/** As pino does it, with a message that reads as one sentence. */
function serialized(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return Object.assign(pino.stdSerializers.err(error), { message: withCauses(error) });
}

const MAX_CAUSES = 5;

/** An error may be its own cause. */
function withCauses({ message, cause }: Error, depth = 0): string {
  if (!(cause instanceof Error) || depth === MAX_CAUSES) return message;
  return `${clause(message)}: ${withCauses(cause, depth + 1)}`;
}

/**
 * A file that is renamed to `.1` when it has grown large, because a daemon may run for years. If another program moves
 * or removes the file, as logrotate does, the next line starts a new one.
 */
function limited(file: string): DestinationStream {
  // Synchronous: a few lines an hour cost nothing, and the last line before a crash is the most important one.
  const stream = pino.destination({ dest: file, mode: 0o600, sync: true, maxLength: MAX_WAITING_BYTES });
  // Lines wait until there is space again: a full disk must not end the daemon.
  stream.on('error', () => {});
  let opened = fileAt(file)?.id;
  const reopen = () => {
    try {
      // Opening a pipe would block, and a failed `stream.reopen()` would later close a file twice.
      if (existsSync(file) && !statSync(file).isFile()) return;
      closeSync(openSync(file, 'a', 0o600));
      stream.reopen();
      opened = fileAt(file)?.id;
    } catch {
      // The error cannot be logged. Logging continues in the open file.
    }
  };
  return {
    write(line) {
      const found = fileAt(file);
      if (!found || found.id !== opened) reopen();
      else if (found.size > MAX_LOG_BYTES && setAside(file)) reopen();
      stream.write(line);
    },
  };
}

/** The file that has this name now; undefined if it cannot be examined. */
function fileAt(file: string): { readonly id: string; readonly size: number } | undefined {
  try {
    const { dev, ino, size } = statSync(file);
    return { id: `${dev}-${ino}`, size };
  } catch {
    return undefined;
  }
}

function setAside(file: string): boolean {
  try {
    renameSync(file, `${file}.1`);
    return true;
  } catch {
    return false; // Logging continues in the large file.
  }
}
