import {
  createJSONRPCSuccessResponse,
  isJSONRPCRequest,
  JSONRPCErrorException,
  JSONRPCServer,
  type JSONRPCErrorResponse,
  type JSONRPCID,
  type JSONRPCRequest,
} from 'json-rpc-2.0';
import type { z } from 'zod';
import type { Channel } from '../sdk/client/channel.ts';
import { errnoOf, isExhausted } from '../sdk/base/errno.ts';
import { isRecord } from '../sdk/base/json.ts';
import { ACCESS } from '../sdk/contract/access.ts';
import { isKeepaliveError, KeepaliveError, OUR_RPC_CODE } from '../sdk/contract/errors.ts';
import type { CheckedParams, RpcClient, RpcErrorData, RpcHandlers, RpcMethod } from '../sdk/contract/rpc.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import type { Scrubber } from '../runtime/log/redact.ts';
import { checkValue } from '../sdk/contract/problems.ts';
import { METHODS } from '../sdk/contract/rpc-schema.ts';
import { answerBatch, MAX_BATCH } from './batch.ts';
import { toText, type Message } from './channel.ts';
import { ConnectedClient, passingClient, type Caller, type Client } from './client.ts';
import { refuseToPage } from './page-rights.ts';

const INVALID_REQUEST = { jsonrpc: '2.0', id: null, error: { code: -32_600, message: 'Invalid Request' } };
const PARSE_ERROR = { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'Parse error' } };
const TOO_MUCH = { code: -32_600, message: 'The answers of this batch are too large. Ask for less at once.' };
const TOO_MANY = { code: -32_600, message: `A batch has at most ${MAX_BATCH} messages. Send several batches.` };

type Checks = { readonly [M in RpcMethod]: { readonly params: z.ZodType<CheckedParams<M>> } };
const CHECKS: Checks = METHODS;

/** The handlers as they are called: those that need no client ignore it. */
type Answerers = { readonly [M in RpcMethod]: (params: CheckedParams<M>, client: RpcClient) => unknown };

/** Checks the params and calls the handler. Throws what the handler throws. */
type Method = (params: unknown, client: Client) => unknown;

/** What a settings page is recognized by when it connects again, until the visit ends. */
export type Visitor = { readonly onEnd: Set<() => void> };

const isId = (value: unknown): value is string | number | null =>
  value === null || typeof value === 'string' || typeof value === 'number';

const idOf = (message: unknown): string | number | null =>
  isRecord(message) && isId(message['id']) ? message['id'] : null;

/** Routes messages of any channel to the method table, and announcements to every channel. */
export class Dispatcher {
  readonly #channels = new Set<Channel>();
  readonly #pages = new WeakMap<Visitor, ConnectedClient>();
  readonly #methods = new Map<string, Method>();
  readonly #server: JSONRPCServer<Client>;

  constructor(
    handlers: RpcHandlers,
    private readonly log: KernelLog,
    private readonly scrubber: Scrubber,
  ) {
    this.#server = new JSONRPCServer<Client>({ errorListener: message => log.debug({ message }, 'a request failed') });
    this.#server.mapErrorToJSONRPCErrorResponse = (id, error) => this.#toResponse(id, error);
    const answerers: Answerers = handlers;
    for (const method of Object.keys(METHODS) as RpcMethod[]) this.#register(method, answerers[method]);
  }

  get clients(): number {
    return this.#channels.size;
  }

  attach(channel: Channel, caller: Caller = 'full', visitor?: Visitor): void {
    this.#channels.add(channel);
    channel.onClose(() => void this.#channels.delete(channel));
    const client = visitor ? this.#pageOf(visitor) : new ConnectedClient(caller, false);
    client.join(channel);
    channel.onMessage(message => this.#receive(channel, message, client));
  }

  #pageOf(visitor: Visitor): ConnectedClient {
    const known = this.#pages.get(visitor);
    if (known) return known;
    const page = new ConnectedClient('page', true);
    this.#pages.set(visitor, page);
    visitor.onEnd.add(() => page.leave());
    return page;
  }

  announce(method: string, params: unknown): void {
    // One frozen message for all: a channel that sends text writes it once.
    const message = Object.freeze({ jsonrpc: '2.0', method, params });
    for (const channel of this.#channels) channel.send(message);
  }

  /** Answers text that is not JSON. */
  refuse(channel: Channel): void {
    channel.send(PARSE_ERROR);
  }

  /** The text of the answer to a message that came without a channel; undefined if it needs none. */
  async answerOnce(message: Message, caller: Caller): Promise<string | undefined> {
    try {
      const answer = message ? await this.#answerAny(message.value, passingClient(caller)) : PARSE_ERROR;
      return answer === null ? undefined : toText(answer);
    } catch (error) {
      return toText(this.#failed(error));
    }
  }

  #register<M extends RpcMethod>(method: M, handle: Answerers[M]): void {
    const call: Method = (params, client) => {
      const { caller } = client;
      if (caller === 'read' && ACCESS[method] !== 'read') throw new JSONRPCErrorException('Method not found', -32_601);
      const checked = checkValue(CHECKS[method].params, params);
      if (!checked.ok) throw new JSONRPCErrorException('Invalid params', -32_602, { problems: checked.problems });
      if (caller === 'page') refuseToPage(method, checked.value);
      return handle(checked.value, client);
    };
    this.#methods.set(method, call);
    this.#server.addMethod(method, async (params, client) => call(params, client));
  }

  /** The promise is settled when the message is answered. Without one, it is answered already. */
  #receive(channel: Channel, message: unknown, client: Client): void | Promise<void> {
    const reply = (answer: unknown): void => {
      if (answer !== null) channel.send(answer);
    };
    const fail = (error: unknown): void => channel.send(this.#failed(error));
    try {
      const answer = this.#answerAny(message, client);
      if (answer instanceof Promise) return answer.then(reply).catch(fail);
      reply(answer);
    } catch (error) {
      fail(error);
    }
  }

  #failed(error: unknown): typeof INVALID_REQUEST {
    this.log.warn({ err: error }, 'a message could not be answered');
    return INVALID_REQUEST;
  }

  /** Null for notifications. */
  #answerAny(message: unknown, client: Client): unknown {
    if (!Array.isArray(message) || message.length === 0) return this.#answer(message, client);
    if (message.length > MAX_BATCH) return { ...INVALID_REQUEST, error: TOO_MANY };
    return answerBatch(message, {
      answer: part => this.#answer(part, client),
      refuse: part => ({ ...INVALID_REQUEST, id: idOf(part), error: TOO_MUCH }),
    });
  }

  /** Null for a notification. The library throws on null, and accepts a method and an id of any type. */
  #answer(message: unknown, client: Client): unknown {
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return INVALID_REQUEST;
    const { method, id }: { readonly method?: unknown; readonly id?: unknown } = message;
    if (id !== undefined && !isId(id)) return INVALID_REQUEST;
    if (method !== undefined && typeof method !== 'string') return { ...INVALID_REQUEST, id: id ?? null };
    if (id !== undefined && isJSONRPCRequest(message)) {
      const call = this.#methods.get(message.method);
      if (call) return this.#respond(id, () => call(message.params, client));
    }
    return this.#server.receive(message as JSONRPCRequest, client);
  }

  /** Most methods answer at once. The library would answer them after a dozen promises. */
  #respond(id: JSONRPCID, call: () => unknown): unknown {
    const succeed = (result: unknown) => createJSONRPCSuccessResponse(id, result);
    const fail = (error: unknown) => this.#toResponse(id, error);
    try {
      const result = call();
      return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
    } catch (error) {
      return fail(error);
    }
  }

  #toResponse(id: JSONRPCID, error: unknown): JSONRPCErrorResponse {
    const respond = (code: number, message: string, data?: unknown): JSONRPCErrorResponse => ({
      jsonrpc: '2.0',
      id,
      error: data === undefined ? { code, message } : { code, message, data },
    });
    if (error instanceof JSONRPCErrorException) return respond(error.code, error.message, error.data);
    if (isKeepaliveError(error)) {
      return respond(OUR_RPC_CODE, error.message, {
        code: error.code,
        details: this.scrubber.clean(error.details),
      } satisfies RpcErrorData);
    }
    this.log.error({ err: error }, 'a method failed');
    const reason = errnoOf(error);
    if (isExhausted(reason)) return this.#toResponse(id, new KeepaliveError('KA_MACHINE_EXHAUSTED', { reason }, error));
    return respond(-32_603, 'Internal error');
  }
}
