import { checkPageFile, checkPageLink } from '../../../../sdk/client/page-link.ts';
import type { CommandResult, Command, CommandContext } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { PLACEHOLDERS, unknownPlaceholder } from '../../prompt/format.ts';
import { promptFacts } from '../../prompt/quick.ts';
import { renderPrompt, summarize } from '../../prompt/summary.ts';
import { wrap } from '../../render/width.ts';

export const ui: Command = async context => {
  const { options, daemon, system, screen, env } = context;
  if (options.close) return closePages(context);
  const client = await daemon();
  const answer = await client.request('page/open', { file: !options.print });
  const url = checkPageLink(answer, client.origin);
  if (options.print) return { document: { url, opened: false }, text: () => url };
  // Other users can see the arguments of the opener, so it gets a file instead of the link.
  const opened = await system.openInBrowser(await checkPageFile(answer, client.origin), env);
  if (!opened) screen.note('No browser could be opened here. Open this link within a minute; it works once.');
  return { document: { url, opened }, text: () => (opened ? 'The settings page is open in your browser.' : url) };
};

async function closePages({ daemon }: CommandContext): Promise<CommandResult> {
  const { closed } = await (await daemon()).request('page/close');
  const text =
    closed === 0
      ? 'No settings page was open.'
      : `Closed ${closed === 1 ? '1 settings page' : `${closed} settings pages`}.`;
  return { document: { closed }, text: () => text };
}

/** Exits with 0 even if there is no desktop, so that a login script may run it on every machine. */
export const tray: Command = async ({ system }) => {
  const start = await system.spawnTray();
  const running = start.shown ? [`The tray is running (process ${start.pid}); its menu ends it.`] : [];
  return {
    document: start,
    text: ({ width }) => wrap([...running, ...(start.hint ? [start.hint] : [])].join(' '), width),
  };
};

export const prompt: Command = async ({ home, now, options: { format = '' } }) => {
  const unknown = unknownPlaceholder(format);
  if (unknown !== undefined) {
    const known = PLACEHOLDERS.map(name => `{${name}}`).join(' ');
    throw new UsageError(`There is no placeholder {${unknown}}. There are: ${known}`);
  }
  const facts = promptFacts(home, now());
  return {
    document: summarize(facts, format === 'waybar' ? undefined : format || undefined),
    text: () => renderPrompt(facts, format || undefined),
  };
};
