import { JSONRPCClient, JSONRPCErrorException, JSONRPCServer, JSONRPCServerAndClient } from 'json-rpc-2.0';
import type { Channel } from '../../sdk/client/channel.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import type { AttemptFacts } from '../context.ts';
import type { ModuleEntry, Origin } from '../load-module.ts';
import { isPackedError, packError, unpackError } from './serialize-error.ts';

/** Whom it concerns: all entries of one module live in one process. */
type Whom = { readonly plugin: number };
/** Calls are numbered, so that one can be told to stop. */
type Call = Whom & { readonly call: number };

/** What the kernel asks of a process for plugins. */
export type PluginSide = {
  load: (order: Whom & { readonly entry: ModuleEntry; readonly origin: Origin; readonly home: Home }) => unknown;
  unload: (order: Whom) => void;
  refresh: (order: Call & AttemptFacts) => unknown;
  inspect: (order: Call) => unknown;
  watch: (order: Call) => unknown;
  unwatch: (order: Call) => unknown;
  raise: (order: Call & { readonly notice: Notice }) => unknown;
  clear: (order: Call & { readonly notice: Notice }) => unknown;
  start: (order: Call) => unknown;
  end: (order: Call) => unknown;
  page: (order: Call & { readonly page: number }) => unknown;
  /** A call is told to stop. */
  abort: (order: { readonly call: number }) => void;
  /** Nothing is asked at the moment: end, unless a plugin has something running. */
  rest: (order: object) => void;
  wake: (order: object) => void;
};

/** What a process for plugins asks of the kernel, and tells it. */
export type KernelSide = {
  /** May it begin what must not be cut off? */
  hold: (order: object) => boolean;
  release: (order: object) => void;
  conceal: (order: { readonly secret: string }) => void;
  log: (line: LogLine) => void;
  changed: (order: Whom) => void;
  /** A file to watch for the plugin, so that its process need not live for it. */
  follow: (order: Whom & { readonly file: number; readonly path: string }) => void;
  unfollow: (order: Whom & { readonly file: number }) => void;
  serve: (order: Whom & { readonly page: number }) => void;
  unserve: (order: Whom & { readonly page: number }) => void;
};

export type LogLine = {
  readonly plugin: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
};

/** The other side of a channel. What it answers is as true as the plugin is: look at it before it is used. */
export type Peer<Theirs> = {
  request<M extends keyof Theirs & string>(method: M, params: ParamsOf<Theirs[M]>): Promise<unknown>;
  notify<M extends keyof Theirs & string>(method: M, params: ParamsOf<Theirs[M]>): void;
  /** Nothing will be answered any more, for this reason. */
  giveUp(why: string): void;
};

export type ParamsOf<M> = M extends (params: infer P extends object) => unknown ? P : never;

/** The other side is gone, and with it the answer. */
export class Gone extends Error {}

type Answers<Mine> = { readonly [M in keyof Mine]: (params: never) => unknown };

/** Both directions of one channel. Values are cloned, not written as JSON: dates and bytes stay what they are. */
export function createPeer<Mine extends Answers<Mine>, Theirs>(channel: Channel, mine: Mine): Peer<Theirs> {
  const server = new JSONRPCServer({ errorListener: () => undefined });
  server.mapErrorToJSONRPCErrorResponse = (id, error) => ({
    jsonrpc: '2.0',
    id,
    error: { code: 1, message: 'failed', data: packError(error) },
  });
  // The code on both sides is ours, of one version; what plugins return in it is looked at where it is used.
  for (const method in mine) server.addMethod(method, params => mine[method](params as never));
  const both = new JSONRPCServerAndClient(server, new JSONRPCClient(message => channel.send(message)));
  channel.onMessage(message => void both.receiveAndSend(message, undefined, undefined));
  return {
    async request(method, params) {
      try {
        return await both.request(method, params, undefined);
      } catch (error) {
        if (error instanceof JSONRPCErrorException)
          throw isPackedError(error.data) ? unpackError(error.data) : new Gone(error.message);
        throw error;
      }
    },
    notify: (method, params) => both.notify(method, params, undefined),
    giveUp: why => both.rejectAllPendingRequests(why),
  };
}
