import { format } from 'node:util';
import type { Logger } from '../../sdk/plugin/logger.ts';
import { asJson } from './serialize-error.ts';
import type { KernelSide, LogLine, Peer } from './protocol.ts';

/** A plugin that talks without end must not keep the kernel busy with it. */
const MAX_LINES = 500;

/** What plugins write, told to the kernel, which keeps the log. `refill` at each call. */
export function createTeller(kernel: Peer<KernelSide>): {
  readonly of: (plugin: number) => Logger;
  readonly refill: () => void;
} {
  let room = MAX_LINES;
  const tell = (
    plugin: number,
    level: LogLine['level'],
    fields: Readonly<Record<string, unknown>>,
    message: string,
  ) => {
    room -= 1;
    if (room > 0) kernel.notify('log', { plugin, level, fields: asJson(fields), message: message.slice(0, 2_000) });
    else if (room === 0)
      kernel.notify('log', {
        plugin,
        level: 'warn',
        fields: {},
        message: 'the plugin writes too much; the rest is left out',
      });
  };
  const at =
    (plugin: number, level: LogLine['level']) =>
    (first: string | Readonly<Record<string, unknown>>, message = '') =>
      typeof first === 'string' ? tell(plugin, level, {}, first) : tell(plugin, level, first, message);
  return {
    of: plugin => ({
      debug: at(plugin, 'debug'),
      info: at(plugin, 'info'),
      warn: at(plugin, 'warn'),
      error: at(plugin, 'error'),
    }),
    refill: () => {
      room = MAX_LINES;
    },
  };
}

/** What a plugin prints would be lost otherwise: its process has no terminal. */
export function catchConsole(log: Logger): void {
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    console[level] = (...printed: unknown[]) => log[level](format(...printed));
  console.log = console.info;
}
