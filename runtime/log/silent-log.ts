import type { Logger as PinoLogger } from 'pino';

/** The kernel's own log; it satisfies the SDK's Logger. A child adds fields to its lines. */
export type KernelLog = Pick<PinoLogger, 'level' | 'debug' | 'info' | 'warn' | 'error'> & {
  readonly child: (fields: object) => KernelLog;
};

const discard = (): void => undefined;

/** A log that discards all lines, for commands that write nothing to the home. They need not load the real one. */
export const silentLog = (): KernelLog => ({
  level: 'silent',
  debug: discard,
  info: discard,
  warn: discard,
  error: discard,
  child: silentLog,
});
