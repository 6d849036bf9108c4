import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import { isKeepaliveError, KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { Addition, Tool } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { ADDABLE, notAddable, WARM_UP } from '../../../../sdk/plugin/addable.ts';
import { describeProvider } from '../../adding/help.ts';
import { parseOptions, toOptions } from '../../adding/option-values.ts';
import { explained, requireOptions } from '../../adding/refusals.ts';
import { withSecrets } from '../../adding/secrets.ts';
import type { Command, CommandContext, CommandResult } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { renderSession } from '../../render/session-card.ts';
import { wrap } from '../../render/width.ts';

export const add: Command = async context => {
  const { args, options: given, screen, system, cwd } = context;
  const [plugin, ...words] = args;
  if (plugin === undefined) return list(context);
  const ids = given.id === undefined ? [] : [`id=${given.id}`];
  if (plugin === WARM_UP.plugin) {
    const { addWarmUp } = await import('./add-warm-up.ts');
    return addWarmUp([...ids, ...words], context, () => connect(context));
  }
  const provider = ADDABLE.find(one => one.plugin === plugin);
  if (!provider) throw new UsageError(notAddable(plugin));
  const assignments = parseOptions([...ids, ...words], provider);
  const read = await withSecrets(assignments, { readInput: system.readInput, note: screen.note });
  const addition = { plugin, options: toOptions(read, cwd) };
  requireOptions(provider, addition.options);
  const { client, isDaemon } = await connect(context);
  const session = await client.request('session/add', addition).catch((error: unknown) => {
    throw explained(error, provider);
  });
  return {
    document: session,
    text: view => [renderSession(session, view), '', wrap(closing(session, isDaemon), view.width)].join('\n'),
  };
};

/** Connects to the daemon or, without one, to a kernel for this command. */
async function connect({ daemon, kernel }: CommandContext) {
  try {
    return { client: await daemon(), isDaemon: true };
  } catch (error) {
    if (!isKeepaliveError(error) || error.code !== 'KA_RPC_NO_DAEMON') throw error;
    return { client: await kernel(), isDaemon: false };
  }
}

function closing({ id, state, method }: Session, isDaemon: boolean): string {
  const isKept = method === 'observe' ? 'is watched' : 'is kept alive';
  const isMissing = state.name === 'halted' && state.why === 'unavailable';
  const kept = isMissing
    ? 'It was added, but there is nothing to keep alive there yet. As soon as there is, it is kept alive.'
    : `It was added, and ${isKept} from now on.`;
  const later = `It was added. No daemon runs, so it ${isKept} from the next \`keepalive start\`.`;
  return `${isDaemon ? kept : later} To remove it, run \`keepalive remove ${id}\`.`;
}

/** Without a provider: what there is to add. */
async function list(context: CommandContext): Promise<CommandResult> {
  const { client } = await connect(context);
  const offers = await foundLogins(client);
  return {
    document: { providers: ADDABLE, offers },
    text: () =>
      [
        'Say what to keep alive: keepalive add PLUGIN [--id ID] [KEY=VALUE…]',
        ...(offers.length > 0
          ? ['', 'Logins on this machine that are not kept alive:', ...offers.map(describeOffer)]
          : []),
        '',
        'Providers (`keepalive add --help` explains all options):',
        ...ADDABLE.flatMap(provider => describeProvider(provider).slice(0, 1)),
        '',
        'Not kept alive, and only if you ask for it (it shows its cost first):',
        ...describeProvider(WARM_UP).slice(0, 1),
      ].join('\n'),
  };
}

type Offer = Tool & { readonly offer: Addition };

async function foundLogins(client: KeepaliveClient): Promise<readonly Offer[]> {
  const tools = await client.request('tool/list');
  return tools.flatMap(tool => (tool.offer === undefined ? [] : [{ ...tool, offer: tool.offer }]));
}

const describeOffer = ({ offer: { plugin, options } }: Offer): string =>
  `  keepalive add ${plugin}${Object.entries(options)
    .map(([name, value]) =>
      name === 'id' || name === 'home' ? ` --${name} ${String(value)}` : ` ${name}=${String(value)}`,
    )
    .join('')}`;

export const remove: Command = async context => {
  const [id = ''] = context.args;
  const { client } = await connect(context);
  try {
    await client.request('session/remove', { id });
  } catch (error) {
    if (isKeepaliveError(error) && error.code === 'KA_SESSION_NOT_FOUND') return removeWarmUp(id, client, error);
    throw whereItIs(error);
  }
  return {
    document: { removed: id },
    text: () => `${id} is no longer kept alive. Its credential was not touched.`,
  };
};

/** There is no such session: it may be a warm-up. */
async function removeWarmUp(id: string, client: KeepaliveClient, noSession: KeepaliveError): Promise<CommandResult> {
  try {
    await client.request('warmup/remove', { id });
  } catch (error) {
    if (!isKeepaliveError(error) || error.code !== 'KA_WARMUP_NOT_FOUND') throw error;
    throw new KeepaliveError(noSession.code, { ...noSession.details, hint: 'There is no such warm-up either.' });
  }
  return {
    document: { removed: id },
    text: () => `The warm-up ${id} was removed. Nothing more is sent. Its session is kept alive as before.`,
  };
}

/** A session that was not added is in the configuration, is for practice, or was found on this machine. */
function whereItIs(error: unknown): unknown {
  if (!isKeepaliveError(error) || error.code !== 'KA_SESSION_NOT_ADDED') return error;
  const { id, file, demo } = error.details;
  return new KeepaliveError(error.code, { id, hint: wayOut({ id: String(id), file, demo }) });
}

type Origin = { readonly id: string; readonly file: unknown; readonly demo: unknown };

function wayOut({ id, file, demo }: Origin): string {
  if (file !== undefined) return `It is in ${String(file)}. Remove it there.`;
  if (demo === true) return PRACTICE_ENDS;
  return `It was found on this machine. To keep it alive no longer, run \`keepalive pause ${id}\`.`;
}

const PRACTICE_ENDS =
  'It is the practice session. To end it, run `keepalive stop`, and then `keepalive start` without `--demo`.';
