import type { Command } from '../command.ts';
import { followLog, readLog } from '../log-file.ts';
import { renderLogEntry } from '../render/log-entry.ts';
import { UsageError } from '../usage-error.ts';

export const logs: Command = async ({ options, home, screen, interrupted }) => {
  if (options.follow && options.json)
    throw new UsageError('--follow never ends, and --json prints one document. Choose one of them.');
  const { entries, end } = await readLog(home.log, options.limit);
  return {
    document: entries,
    text: view =>
      entries.map(entry => renderLogEntry(entry, view)).join('\n') || `Nothing is written in ${home.log} yet.`,
    ...(options.follow
      ? {
          afterwards: () =>
            followLog(home.log, end, entry => screen.line(renderLogEntry(entry, screen.view())), interrupted()),
        }
      : {}),
  };
};
