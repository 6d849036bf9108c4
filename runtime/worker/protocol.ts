import { JSONRPCClient, JSONRPCErrorException, JSONRPCServer, JSONRPCServerAndClient } from 'json-rpc-2.0';
import type { Channel } from '../../sdk/client/channel.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import type { Receipt } from '../../sdk/plugin/notifier.ts';
import type { CodeStep, OpenStep } from '../../sdk/plugin/sign-in.ts';
import type { AttemptFacts } from '../context.ts';
import type { ModuleEntry, Origin } from '../load-module.ts';
import { isPackedError, packError, unpackError } from './serialize-error.ts';

/** The longest critical section is shorter: two requests and a vendor's program, each with its own time limit. */
export const CRITICAL_LIMIT_MS = 5 * 60_000;

/** The worker's file descriptor of a pipe that closes when the kernel dies. */
export const KERNEL_PIPE = 4;

/** The plugin that a message concerns: all entries of one module share a process. */
type ForPlugin = { readonly plugin: number };
/** Calls are numbered, so that one can be aborted. */
type Call = ForPlugin & { readonly call: number };

/** What the kernel asks of a plugin process. */
export type WorkerSide = {
  load: (params: ForPlugin & { readonly entry: ModuleEntry; readonly origin: Origin; readonly home: Home }) => unknown;
  unload: (params: ForPlugin) => void;
  refresh: (params: Call & AttemptFacts) => unknown;
  inspect: (params: Call) => unknown;
  signIn: (params: Call & { readonly device: boolean }) => unknown;
  watch: (params: Call) => unknown;
  unwatch: (params: Call) => unknown;
  unavailable: (params: Call) => unknown;
  raise: (params: Call & { readonly notice: Notice }) => unknown;
  raiseMany: (params: Call & { readonly notices: readonly Notice[] }) => unknown;
  clear: (params: Call & { readonly notice: Notice; readonly receipt?: Receipt | undefined }) => unknown;
  start: (params: Call) => unknown;
  stop: (params: Call) => unknown;
  readPage: (params: Call & { readonly page: number }) => unknown;
  /** An alarm's time has come. */
  ring: (params: Call & { readonly alarm: number }) => unknown;
  abort: (params: { readonly call: number }) => void;
  /** There are no calls at the moment: exit, unless a plugin has something running. */
  idle: (params: object) => void;
  wake: (params: object) => void;
};

/** What a plugin process asks of the kernel. */
export type KernelSide = {
  /** Returns whether a critical section may begin. */
  enterCritical: (params: object) => boolean;
  leaveCritical: (params: object) => void;
  /** The process is up, and the code of its first plugin begins to run. */
  beganLoading: (params: object) => void;
  conceal: (params: { readonly secret: string }) => void;
  log: (line: LogLine) => void;
  /** The plugin's credential changed. */
  changed: (params: ForPlugin) => void;
  /** Watch a file for the plugin, so that its process can exit. */
  watchFile: (params: ForPlugin & { readonly file: number; readonly path: string }) => void;
  unwatchFile: (params: ForPlugin & { readonly file: number }) => void;
  /** Shows an address of the sign-in that runs. */
  showStep: (params: ForPlugin & { readonly step: OpenStep }) => unknown;
  /** Shows an address of the sign-in that runs, and returns the code that the user got there. */
  askCode: (params: ForPlugin & { readonly step: CodeStep }) => unknown;
  servePage: (params: ForPlugin & { readonly page: number }) => void;
  unservePage: (params: ForPlugin & { readonly page: number }) => void;
  /** Ring at that time. */
  setAlarm: (params: ForPlugin & { readonly alarm: number; readonly at: number }) => void;
  cancelAlarm: (params: ForPlugin & { readonly alarm: number }) => void;
};

export type LogLine = {
  readonly plugin: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
};

/** The other side of a channel. Untrusted: validate every answer. */
export type Peer<Theirs> = {
  request<M extends keyof Theirs & string>(method: M, params: ParamsOf<Theirs[M]>): Promise<unknown>;
  notify<M extends keyof Theirs & string>(method: M, params: ParamsOf<Theirs[M]>): void;
  /** Rejects all pending requests. */
  rejectAll(reason: string): void;
};

export type ParamsOf<M> = M extends (params: infer P extends object) => unknown ? P : never;

/** The other side exited before it answered. */
export class PeerGone extends Error {}

type Methods<T> = { readonly [M in keyof T]: (params: never) => unknown };

/** Both directions of one channel. Values are cloned, not written as JSON, so dates and bytes are preserved. */
export function createPeer<Mine extends Methods<Mine>, Theirs>(channel: Channel, mine: Mine): Peer<Theirs> {
  const server = new JSONRPCServer({ errorListener: () => undefined });
  server.mapErrorToJSONRPCErrorResponse = (id, error) => ({
    jsonrpc: '2.0',
    id,
    error: { code: 1, message: 'failed', data: packError(error) },
  });
  // Both sides are our code, of one version. Values that come from plugins are validated where they are used.
  for (const method in mine) server.addMethod(method, params => mine[method](params as never));
  const both = new JSONRPCServerAndClient(server, new JSONRPCClient(message => channel.send(message)));
  channel.onMessage(message => void both.receiveAndSend(message, undefined, undefined));
  return {
    async request(method, params) {
      try {
        return await both.request(method, params, undefined);
      } catch (error) {
        if (error instanceof JSONRPCErrorException)
          throw isPackedError(error.data) ? unpackError(error.data) : new PeerGone(error.message);
        throw error;
      }
    },
    notify: (method, params) => both.notify(method, params, undefined),
    rejectAll: reason => both.rejectAllPendingRequests(reason),
  };
}

/** Methods that pass each message on to the service of its plugin. Messages of a plugin without one are dropped. */
export function forward<Service extends Methods<Service>, M extends keyof Service & string>(
  methods: readonly M[],
  serviceOf: (plugin: number) => Service | undefined,
): Pick<Service, M> {
  const forwarding = methods.map(
    method => [method, (params: ForPlugin) => serviceOf(params.plugin)?.[method](params as never)] as const,
  );
  return Object.fromEntries(forwarding) as object as Pick<Service, M>;
}
