import type { Channel } from '../../sdk/client/channel.ts';
import type { Endpoint } from '../../sdk/contract/rpc.ts';
import { channelPair } from '../../server/channel-pair.ts';
import { endpointOf, newTokens } from '../../server/endpoint.ts';
import { AuthThrottle } from '../../server/limits.ts';
import { openKeptPages } from '../../server/kept-pages.ts';
import { LinkFiles } from '../../sdk/system/link-files.ts';
import { listen, type Listener } from '../../server/listener.ts';
import { Pages } from '../../server/pages.ts';
import { linkReused, portTaken } from '../../lifecycle/notice-rules.ts';
import { Dispatcher } from '../../server/dispatcher.ts';
import { rpcHandlers } from '../rpc/methods.ts';
import type { KernelControl } from '../rpc/methods/kernel.ts';
import type { Assembly } from './assembly.ts';
import { subscribe } from './subscriptions.ts';
import type { Undo } from './undo.ts';

export type Api = {
  /** What clients need to find this kernel and to connect. */
  readonly endpoint: Endpoint;
  readonly origin: string;
  /** Connects a client in this process. Its channel is closed when the API is. */
  readonly connect: () => Channel;
  /** Raises a notice if another port than the configured one is used. */
  readonly notePort: () => void;
};

/** Opens the pages that frontends serve. */
export async function openPages({ start: { home }, log, notices }: Assembly, undo: Undo): Promise<Pages> {
  const onReused = () => {
    log.warn('a link to the settings page, or its cookie, was used twice; the page was closed');
    notices.raise(linkReused());
  };
  const kept = await openKeptPages(home.pages, log);
  const pages = new Pages(log, { files: new LinkFiles(home.stateDir), onReused, kept });
  undo.push('pages', () => pages.stop());
  return pages;
}

type ApiOptions = {
  readonly pages: Pages;
  readonly control: Omit<KernelControl, 'clients' | 'closePages' | 'openedPages'>;
};

/** Listens on loopback, answers clients there and in this process, and sends them notifications. */
export async function openApi(assembly: Assembly, { pages, control }: ApiOptions, undo: Undo): Promise<Api> {
  const { log, scrubber, events, notices, options } = assembly;
  const wanted = assembly.config.current.port;
  const tokens = newTokens();
  for (const token of Object.values(tokens)) scrubber.conceal(token);
  const dispatcher: Dispatcher = new Dispatcher(
    rpcHandlers(assembly, {
      ...control,
      clients: () => dispatcher.clients,
      closePages: () => pages.access.closeAll(),
      openedPages: () => pages.access.list(),
    }),
    log,
    scrubber,
  );
  undo.push('subscriptions', subscribe(events, { ...assembly, announce: dispatcher.announce.bind(dispatcher) }));
  const here: Channel[] = [];
  undo.push('channels', () => here.forEach(channel => void channel.close()));
  const listener: Listener = await listen(wanted, tokens, {
    onChannel: (channel, caller, visitor) => dispatcher.attach(channel, caller, visitor),
    answer: (message, caller) => dispatcher.answerOnce(message, caller),
    onGarbage: channel => dispatcher.refuse(channel),
    pages,
    preferred: pages.access.lastPort,
    throttle: new AuthThrottle(refused => log.warn({ refused }, 'repeated API requests with wrong tokens')),
  });
  undo.push('rpc', listener.stop);
  const { port, refused: reason } = listener;
  if (reason !== undefined)
    log.warn({ wanted, port, reason }, 'the configured port of the API is unavailable, so another one is used');
  return {
    endpoint: endpointOf(port, tokens, options),
    origin: `http://127.0.0.1:${port}`,
    connect: () => {
      const [ours, theirs] = channelPair();
      here.push(ours);
      dispatcher.attach(ours);
      return theirs;
    },
    notePort: () => {
      if (reason !== undefined) notices.raise(portTaken(wanted, port, reason));
    },
  };
}
