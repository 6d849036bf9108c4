import type { Command } from '../command.ts';

export const ui: Command = async ({ options, daemon, ways, screen, env }) => {
  const { url } = await (await daemon()).request('page/open');
  if (options.print) return { document: { url, opened: false }, text: () => url };
  const opened = await ways.browse(url, env);
  if (!opened) screen.note('There is no desktop to show the page on. Open this link within a minute; it works once.');
  return { document: { url, opened }, text: () => (opened ? 'The settings page is open in your browser.' : url) };
};
