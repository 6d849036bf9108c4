import { renameSync, statSync } from 'node:fs';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from '../sdk/config.ts';

/** The kernel's own log; its children satisfy the SDK's Logger. */
export type KernelLog = PinoLogger;

const MAX_LOG_BYTES = 5 * 1024 * 1024;
/** Of what a full disk does not take. */
const MAX_WAITING_BYTES = 256 * 1024;

/** Opens the log file, 0600. */
export function openLog(file: string, level: LogLevel, scrub: (text: string) => string): KernelLog {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) }, hooks: { streamWrite: scrub } },
    limited(file),
  );
}

/** A file that is set aside as `.1` once it has grown large, replacing the one before: a daemon may run for years. */
function limited(file: string): DestinationStream {
  // Synchronous: a few lines an hour cost nothing, and the last line before a crash is the one that is wanted.
  const stream = pino.destination({ dest: file, mode: 0o600, sync: true, maxLength: MAX_WAITING_BYTES });
  // Lines wait until there is room again: a full disk must not end the daemon.
  stream.on('error', () => {});
  let { size } = statSync(file);
  const beginAnew = () => {
    size = 0;
    try {
      renameSync(file, `${file}.1`);
      stream.reopen();
    } catch {
      // There is nobody to tell. It goes on in the file that it has.
    }
  };
  return {
    write(line) {
      if (size > MAX_LOG_BYTES) beginAnew();
      stream.write(line);
      size += Buffer.byteLength(line);
    },
  };
}

/** A log that goes nowhere, for looks that leave no trace. */
export const silentLog = (): KernelLog => pino({ level: 'silent' });
