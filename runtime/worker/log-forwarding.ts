import { format } from 'node:util';
import type { Logger } from '../../sdk/plugin/logger.ts';
import { asJson } from './serialize-error.ts';
import type { KernelSide, LogLine, Peer } from './protocol.ts';

/** A plugin that logs without end must not keep the kernel busy. */
const MAX_LINES_PER_CALL = 500;
const MAX_MESSAGE = 2_000;

/** Forwards log lines of plugins to the kernel, up to a limit. `refill` at each call. */
export function createLogForwarding(kernel: Peer<KernelSide>): {
  readonly loggerOf: (plugin: number) => Logger;
  readonly refill: () => void;
} {
  let left = MAX_LINES_PER_CALL;
  const send = (line: LogLine) => {
    left -= 1;
    if (left > 0) kernel.notify('log', line);
    else if (left === 0)
      kernel.notify('log', {
        plugin: line.plugin,
        level: 'warn',
        fields: {},
        message: 'the plugin logs too much; further lines are dropped',
      });
  };
  const at =
    (plugin: number, level: LogLine['level']): Logger['info'] =>
    (first: string | Readonly<Record<string, unknown>>, second: string = '') => {
      const [fields, message] = typeof first === 'string' ? [{}, first] : [first, second];
      send({ plugin, level, fields: asJson(fields), message: message.slice(0, MAX_MESSAGE) });
    };
  return {
    loggerOf: plugin => ({
      debug: at(plugin, 'debug'),
      info: at(plugin, 'info'),
      warn: at(plugin, 'warn'),
      error: at(plugin, 'error'),
    }),
    refill: () => {
      left = MAX_LINES_PER_CALL;
    },
  };
}

/** The process of a plugin has no terminal, so what the plugin prints is logged. */
export function forwardConsole(log: Logger): void {
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    console[level] = (...printed: unknown[]) => log[level](format(...printed));
  console.log = console.info;
}
