import {
  JSONRPCErrorException,
  JSONRPCServer,
  type JSONRPCErrorResponse,
  type JSONRPCID,
  type JSONRPCRequest,
} from 'json-rpc-2.0';
import pLimit from 'p-limit';
import type { z } from 'zod';
import type { Channel } from '../sdk/client/channel.ts';
import { isKeepaliveError } from '../sdk/contract/errors.ts';
import type { CheckedParams, RpcErrorData, RpcHandlers, RpcMethod } from '../sdk/contract/rpc.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import type { Scrubber } from '../runtime/log/redact.ts';
import { checkValue } from '../sdk/contract/problems.ts';
import { METHODS } from '../sdk/contract/rpc-schema.ts';
import { refuseToPage } from './page-rights.ts';

const INVALID_REQUEST = { jsonrpc: '2.0', id: null, error: { code: -32_600, message: 'Invalid Request' } };
const PARSE_ERROR = { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'Parse error' } };
const TOO_MUCH = { code: -32_600, message: 'The answers of this batch are too large. Ask for less at once.' };
/** Small requests can have large responses. The limit of a batch is about what a client may leave unread. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_CONCURRENCY = 16;
/** The JSON-RPC code of all our errors; `data.code` identifies the error. */
const OURS = 1;

type Checks = { readonly [M in RpcMethod]: { readonly params: z.ZodType<CheckedParams<M>> } };
const CHECKS: Checks = METHODS;

/** Who makes a request. `isPage`: it was let in by what a settings page has, not by the token. */
export type Caller = { readonly isPage: boolean };

const isId = (value: unknown): value is string | number | null =>
  value === null || typeof value === 'string' || typeof value === 'number';

/** Routes messages of any channel to the method table, and announcements to every channel. */
export class Dispatcher {
  readonly #channels = new Set<Channel>();
  readonly #server: JSONRPCServer<Caller>;

  constructor(
    handlers: RpcHandlers,
    private readonly log: KernelLog,
    private readonly scrubber: Scrubber,
  ) {
    this.#server = new JSONRPCServer<Caller>({ errorListener: message => log.debug({ message }, 'a request failed') });
    this.#server.mapErrorToJSONRPCErrorResponse = (id, error) => this.#toResponse(id, error);
    for (const method of Object.keys(METHODS) as RpcMethod[]) this.#register(method, handlers[method]);
  }

  get clients(): number {
    return this.#channels.size;
  }

  attach(channel: Channel, caller: Caller = { isPage: false }): void {
    this.#channels.add(channel);
    channel.onClose(() => void this.#channels.delete(channel));
    channel.onMessage(message => this.#receive(channel, message, caller));
  }

  announce(method: string, params: unknown): void {
    for (const channel of this.#channels) channel.send({ jsonrpc: '2.0', method, params });
  }

  /** Answers text that is not JSON. */
  refuse(channel: Channel): void {
    channel.send(PARSE_ERROR);
  }

  #register<M extends RpcMethod>(method: M, handle: RpcHandlers[M]): void {
    this.#server.addMethod(method, async (params, { isPage }) => {
      const checked = checkValue(CHECKS[method].params, params);
      if (!checked.ok) throw new JSONRPCErrorException('Invalid params', -32_602, { problems: checked.problems });
      if (isPage) refuseToPage(method, checked.value);
      return handle(checked.value);
    });
  }

  async #receive(channel: Channel, message: unknown, caller: Caller): Promise<void> {
    try {
      const response =
        Array.isArray(message) && message.length > 0
          ? await this.#answerAll(message, caller)
          : await this.#answer(message, caller);
      if (response !== null) channel.send(response);
    } catch (error) {
      this.log.warn({ err: error }, 'a message could not be answered');
      channel.send(INVALID_REQUEST);
    }
  }

  /** Null for a notification. The library throws on null, and accepts a method and an id of any type. */
  async #answer(message: unknown, caller: Caller): Promise<unknown> {
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return INVALID_REQUEST;
    const { method, id }: { readonly method?: unknown; readonly id?: unknown } = message;
    if (id !== undefined && !isId(id)) return INVALID_REQUEST;
    if (method !== undefined && typeof method !== 'string') return { ...INVALID_REQUEST, id: id ?? null };
    return this.#server.receive(message as JSONRPCRequest, caller);
  }

  async #answerAll(batch: readonly unknown[], caller: Caller): Promise<unknown> {
    let room = MAX_BATCH_BYTES;
    const limit = pLimit(BATCH_CONCURRENCY);
    const answers = await Promise.all(
      batch.map(message =>
        limit(async () => {
          if (room < 0) return { jsonrpc: '2.0', id: null, error: TOO_MUCH };
          const answer = await this.#answer(message, caller);
          room -= JSON.stringify(answer).length;
          return answer;
        }),
      ),
    );
    const given = answers.filter(answer => answer !== null);
    return given.length ? given : null;
  }

  #toResponse(id: JSONRPCID, error: unknown): JSONRPCErrorResponse {
    const respond = (code: number, message: string, data?: unknown): JSONRPCErrorResponse => ({
      jsonrpc: '2.0',
      id,
      error: data === undefined ? { code, message } : { code, message, data },
    });
    if (error instanceof JSONRPCErrorException) return respond(error.code, error.message, error.data);
    if (isKeepaliveError(error)) {
      return respond(OURS, error.message, {
        code: error.code,
        details: this.scrubber.clean(error.details),
      } satisfies RpcErrorData);
    }
    this.log.error({ err: error }, 'a method failed');
    return respond(-32_603, 'Internal error');
  }
}
