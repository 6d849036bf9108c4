import { checkPageFile, checkPageLink } from '../../../../sdk/client/page-link.ts';
import { isKeepaliveError, KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { CommandResult, Command, CommandContext } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { parseFormat } from '../../prompt/format.ts';
import { promptFacts, renderPrompt } from '../../prompt/quick.ts';
import { summarize } from '../../prompt/summary.ts';

export const ui: Command = async context => {
  const { options, args, daemon, system, screen, env } = context;
  const [page] = args;
  if (options.close) return closePages(context);
  const client = await daemon().catch((error: unknown) => {
    const isAbsent = isKeepaliveError(error) && error.code === 'KA_RPC_NO_DAEMON';
    if (!isAbsent || options.print || options.json) throw error;
    screen.note('Keepalive is not running, so there is no page to open.');
    throw new KeepaliveError('KA_RPC_NO_DAEMON', {}, error);
  });
  const answer = await client.request('page/open', { file: !options.print, ...(page !== undefined && { page }) });
  const url = checkPageLink(answer, client.origin);
  if (options.print) return { document: { url, opened: false }, text: () => url };
  // Other users can see the arguments of the opener, so it gets a file instead of the link.
  const opened = await system.openInBrowser(await checkPageFile(answer, client.origin), env);
  if (!opened) screen.note('No browser could be opened here. Open this link within a minute; it works once.');
  return {
    document: { url, opened },
    text: () =>
      opened ? `The ${page === undefined ? 'settings page' : `page of ${page}`} is open in your browser.` : url,
  };
};

async function closePages({ daemon }: CommandContext): Promise<CommandResult> {
  const { closed } = await (await daemon()).request('page/close');
  const text =
    closed === 0
      ? 'No settings page was open.'
      : `Closed ${closed === 1 ? '1 settings page' : `${closed} settings pages`}.`;
  return { document: { closed }, text: () => text };
}

export const prompt: Command = async ({ home, now, env, options }) => {
  const format = parseFormat(options.format || undefined);
  if ('problem' in format) throw new UsageError(format.problem);
  const facts = promptFacts(home, now());
  return {
    document: summarize(facts, format.text),
    text: () => renderPrompt(facts, format, { env, home: options.home, colour: options.color }),
  };
};
