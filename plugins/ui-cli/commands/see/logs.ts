import type { Command } from '../../context/command.ts';
import { followLog, readLog } from './log-file.ts';
import { renderLogEntry } from '../../render/log-entry.ts';
import { UsageError } from '../../context/options.ts';

export const logs: Command = async ({ options, home, screen, interrupted }) => {
  if (options.follow && options.json)
    throw new UsageError('--follow never ends, and --json prints one document. Use only one of them.');
  const { entries, end } = await readLog(home.log, options.limit);
  return {
    document: entries,
    text: view => entries.map(entry => renderLogEntry(entry, view)).join('\n') || `${home.log} has no entries yet.`,
    ...(options.follow
      ? {
          afterwards: () =>
            followLog(home.log, end, entry => screen.line(renderLogEntry(entry, screen.view())), interrupted()),
        }
      : {}),
  };
};
