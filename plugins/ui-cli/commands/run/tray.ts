import type { Command } from '../../context/command.ts';
import { wrap } from '../../render/width.ts';

/** Exits with 0 even if there is no desktop, so that a login script may run it on every machine. */
export const tray: Command = async ({ system }) => {
  const start = await system.spawnTray();
  const sentences = [
    ...(start.shown ? [`The tray is running (process ${start.pid}); its menu ends it.`] : []),
    ...(start.hint ? [start.hint] : []),
  ];
  return {
    document: start,
    text: ({ width }) => wrap(sentences.join(' '), width),
  };
};
