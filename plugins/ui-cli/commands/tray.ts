import type { Command } from '../command.ts';
import { wrap } from '../render/width.ts';

/** Having nothing to show it on is no failure: a script may start it everywhere. */
export const tray: Command = async ({ ways }) => {
  const start = await ways.spawnTray();
  const said = start.shown ? [`The tray is running (process ${start.pid}); its menu ends it.`] : [];
  return {
    document: start,
    text: ({ width }) => wrap([...said, ...(start.hint ? [start.hint] : [])].join(' '), width),
  };
};
