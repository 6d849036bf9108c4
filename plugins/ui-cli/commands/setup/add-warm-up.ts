import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import { isKeepaliveError, KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { WarmUp } from '../../../../sdk/contract/rpc.ts';
import { WARM_UP } from '../../../../sdk/plugin/addable.ts';
import { localTime } from '../../../../sdk/wording/time.ts';
import { unsupportedText } from '../../../../sdk/wording/warm-up.ts';
import { parseOptions, toOptions } from '../../adding/option-values.ts';
import { explained, requireOptions } from '../../adding/refusals.ts';
import type { CommandContext, CommandResult } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { renderCost, renderWarmUps } from '../../render/warm-ups.ts';
import { wrap } from '../../render/width.ts';

type Connected = { readonly client: KeepaliveClient; readonly isDaemon: boolean };

/** Adds a warm-up, after the user has seen what it costs. */
export async function addWarmUp(
  words: readonly string[],
  context: CommandContext,
  connect: () => Promise<Connected>,
): Promise<CommandResult> {
  const options = toOptions(parseOptions(words, WARM_UP), context.cwd);
  const session = sessionOf(options);
  if (context.options.json && !context.options.yes) throw new UsageError(NOT_ASKED);
  const { client, isDaemon } = await connect();
  try {
    const cost = await client.request('warmup/cost', { options });
    const { screen } = context;
    screen.line(`What a warm-up of ${session} costs:\n${renderCost(cost, screen.view())}`);
    await consent(context);
    const added = await client.request('warmup/add', { options });
    return { document: added, text: view => textOf(added, isDaemon, view) };
  } catch (error) {
    throw await refusalOf(error, session, client);
  }
}

function sessionOf(options: Readonly<Record<string, unknown>>): string {
  requireOptions(WARM_UP, options);
  if (options['id'] === undefined)
    throw new UsageError('warmup also needs an id: `keepalive add warmup --id morning …`.');
  return String(options['session']);
}

const NOT_ASKED = 'With --json, nothing is asked. Look at the cost without --json, then add --yes.';

/** Rejects unless the user agrees. */
async function consent({ options, system }: CommandContext): Promise<void> {
  if (options.yes) return;
  const answer = await system.ask('Switch it on? [y/N] ');
  if (answer === undefined)
    throw new UsageError('There is no terminal to ask at, so nothing was added. Add --yes to switch it on.');
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('Nothing was added, and nothing is sent.');
}

function textOf(added: WarmUp, isDaemon: boolean, view: Parameters<typeof renderWarmUps>[1]): string {
  const shown = { ...added, next: added.next.slice(0, 3) };
  const [first] = added.next;
  const when = first ? `Nothing is sent before ${localTime(first.at, view.now)}.` : 'It has no time to come.';
  const later = isDaemon ? when : 'No daemon runs, so nothing is sent before the next `keepalive start`.';
  const closing = `It was added. ${later} To remove it, run \`keepalive remove ${added.id}\`.`;
  return [renderWarmUps({ warmUps: [shown], isDry: false, isRunning: true }, view), '', wrap(closing, view.width)].join(
    '\n',
  );
}

/** The error in the words of this command. */
async function refusalOf(error: unknown, session: string, client: KeepaliveClient): Promise<unknown> {
  if (!isKeepaliveError(error) || error.code !== 'KA_WARMUP_UNSUPPORTED') return explained(error, WARM_UP);
  const { provider } = await client.request('session/get', { id: session });
  return new KeepaliveError(error.code, { session, hint: unsupportedText(provider) });
}
