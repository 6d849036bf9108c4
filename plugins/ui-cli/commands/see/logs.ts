import type { Command } from '../../context/command.ts';
import { followLog, readLog } from '../../watch/log-file.ts';
import { renderLogEntry, type LogEntry } from '../../render/log-entry.ts';

export const logs: Command = async ({ options, home, screen, interrupted }) => {
  const { entries, end } = await readLog(home.log, options.limit);
  const show = (entry: LogEntry) =>
    options.json ? screen.record(entry) : screen.line(renderLogEntry(entry, screen.view()));
  if (options.follow && options.json) entries.forEach(show);
  return {
    document: options.follow ? undefined : entries,
    text: view => entries.map(entry => renderLogEntry(entry, view)).join('\n') || `${home.log} has no entries yet.`,
    ...(options.follow ? { afterwards: () => followLog(home.log, end, show, interrupted()) } : {}),
  };
};
