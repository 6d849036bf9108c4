import { format } from 'node:util';
import type { Logger } from '../../../sdk/logger.ts';
import { asJson } from './packed-error.ts';
import type { KernelSide, LogLine, Peer } from './wire.ts';

/** A plugin that talks without end must not keep the kernel busy with it. */
const MAX_LINES = 500;

/** What a plugin writes, told to the kernel, which keeps the log. `refill` once per call. */
export function createTeller(kernel: Peer<KernelSide>): { readonly log: Logger; readonly refill: () => void } {
  let room = MAX_LINES;
  const tell = (level: LogLine['level'], fields: Readonly<Record<string, unknown>>, message: string) => {
    room -= 1;
    if (room > 0) kernel.notify('log', { level, fields: asJson(fields), message: message.slice(0, 2_000) });
    else if (room === 0) kernel.notify('log', { level: 'warn', fields: {}, message: 'the plugin writes too much; the rest is left out' });
  };
  const at = (level: LogLine['level']) => (first: string | Readonly<Record<string, unknown>>, message = '') =>
    (typeof first === 'string' ? tell(level, {}, first) : tell(level, first, message));
  return {
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    refill: () => {
      room = MAX_LINES;
    },
  };
}

/** What a plugin prints would be lost otherwise: its process has no terminal. */
export function catchConsole(log: Logger): void {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) console[level] = (...printed: unknown[]) => log[level](format(...printed));
  console.log = console.info;
}
