import { checkPageFile, checkPageLink } from '../../../sdk/client/page-link.ts';
import type { Answer, Command, CommandContext } from '../command.ts';

export const ui: Command = async context => {
  const { options, daemon, ways, screen, env } = context;
  if (options.close) return closePages(context);
  const client = await daemon();
  const answer = await client.request('page/open', { file: !options.print });
  const url = checkPageLink(answer, client.origin);
  if (options.print) return { document: { url, opened: false }, text: () => url };
  // The link itself would be an argument of the opener, which other users can see.
  const opened = await ways.browse(await checkPageFile(answer, client.origin), env);
  if (!opened) screen.note('There is no desktop to show the page on. Open this link within a minute; it works once.');
  return { document: { url, opened }, text: () => (opened ? 'The settings page is open in your browser.' : url) };
};

async function closePages({ daemon }: CommandContext): Promise<Answer> {
  const { closed } = await (await daemon()).request('page/close');
  const text =
    closed === 0
      ? 'No settings page was open.'
      : `Closed ${closed === 1 ? '1 settings page' : `${closed} settings pages`}.`;
  return { document: { closed }, text: () => text };
}
