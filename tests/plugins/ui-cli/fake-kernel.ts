import { VERSION } from '../../../plugins/ui-cli/render/sentences.ts';
import type { Channel } from '../../../sdk/client/channel.ts';
import { createClient, type KeepaliveClient } from '../../../sdk/client/client.ts';
import { isKeepaliveError, KeepaliveError } from '../../../sdk/contract/errors.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { KernelInfo, RpcMethod, RpcNotification, RpcParams, RpcResult } from '../../../sdk/contract/rpc.ts';
import type { Attempt, Session, SessionState } from '../../../sdk/contract/session.ts';

export const NOW = new Date(2026, 2, 10, 12, 0, 0).getTime();
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const INFO: KernelInfo = {
  name: 'session-keepalive',
  version: VERSION,
  pid: 4242,
  home: '/home/me',
  startedAt: NOW - HOUR,
  configFile: null,
  sessions: 1,
  clients: 1,
  pages: [],
};

export type Answers = { readonly [M in RpcMethod]?: (params: RpcParams<M>) => RpcResult<M> | Promise<RpcResult<M>> };

/** A kernel in memory that answers from a table, and records requests. */
export class FakeKernel {
  readonly asked: (readonly [RpcMethod, unknown])[] = [];
  readonly #answers: Answers;
  #send: (message: unknown) => void = () => undefined;
  #close: () => void = () => undefined;

  constructor(sessions: readonly Session[] = [], answers: Answers = {}) {
    const find = ({ id }: { readonly id: string }) => {
      const found = sessions.find(session => session.id === id);
      if (!found) throw new KeepaliveError('KA_SESSION_NOT_FOUND', { id });
      return found;
    };
    this.#answers = {
      'kernel/info': () => INFO,
      'kernel/stop': () => null,
      'session/list': () => sessions,
      'session/get': find,
      'session/look': find,
      'session/refresh': find,
      'session/pause': find,
      'session/resume': find,
      'session/configure': find,
      'plugin/list': () => [],
      'notice/list': () => [],
      'tool/list': () => [],
      'notifier/list': () => [],
      ...answers,
    };
  }

  /** A connection to the kernel. */
  channel(): Channel {
    const listeners = new Set<(message: unknown) => void>();
    this.#send = message => listeners.forEach(listener => listener(structuredClone(message)));
    return {
      origin: 'http://127.0.0.1:4711',
      send: message => void this.#answer(message as { id: number; method: RpcMethod; params: never }).then(this.#send),
      onMessage: listener => void listeners.add(listener),
      onClose: listener => {
        this.#close = listener;
      },
      close: () => undefined,
    };
  }

  client = (): KeepaliveClient => createClient(this.channel());

  notify<N extends RpcNotification>(method: N, params: unknown): void {
    this.#send({ jsonrpc: '2.0', method, params });
  }

  vanish(): void {
    this.#close();
  }

  async #answer({
    id,
    method,
    params,
  }: {
    readonly id: number;
    readonly method: RpcMethod;
    readonly params: never;
  }): Promise<unknown> {
    this.asked.push([method, params]);
    try {
      const answer = this.#answers[method] as (params: never) => unknown;
      return { jsonrpc: '2.0', id, result: await answer(params) };
    } catch (error) {
      const { code, message, details, data } = error as Record<'code' | 'message' | 'details' | 'data', unknown>;
      return {
        jsonrpc: '2.0',
        id,
        error: isKeepaliveError(error) ? { code: 1, message, data: { code, details } } : { code, message, data },
      };
    }
  }
}

const FIELDS = {
  displayName: 'A tool',
  provider: 'codex',
  method: 'touch',
  policy: DEFAULT_POLICY,
};

export const session = (id: string, state: SessionState, more: Partial<Session> = {}): Session => ({
  id,
  ...FIELDS,
  state,
  ...('wakeAt' in state ? { nextAttemptAt: state.wakeAt, nextAttemptWhy: state.wakeWhy } : {}),
  ...more,
});

export const attempt = (id: string, more: Partial<Attempt> = {}): Attempt => ({
  id,
  startedAt: NOW - 2 * MINUTE - 1_500,
  endedAt: NOW - 2 * MINUTE,
  reason: 'schedule',
  method: 'touch',
  outcome: 'refreshed',
  failures: 0,
  ...more,
});

export const ALIVE: SessionState = {
  name: 'alive',
  wakeAt: NOW + 28 * MINUTE,
  wakeWhy: 'every 30 minutes',
  expiresAt: NOW + 5 * HOUR,
};
export const PAUSED: SessionState = { name: 'halted', why: 'paused', hint: 'Paused by a person.', failures: 0 };
export const LOGIN: SessionState = {
  name: 'halted',
  why: 'login-required',
  hint: 'Sign in again: run `codex login`',
  failures: 0,
};
export const GAVE_UP: SessionState = {
  name: 'halted',
  why: 'too-many-failures',
  hint: 'The vendor answered something unexpected.',
  failures: 5,
};
export const UNAVAILABLE: SessionState = { name: 'halted', why: 'unavailable', hint: 'Not installed.', failures: 0 };
export const FAILING: SessionState = {
  name: 'waiting',
  why: 'backoff',
  failures: 2,
  tries: 2,
  wakeAt: NOW + 4 * MINUTE,
  wakeWhy: 'second retry',
  hint: 'The program did not do what was asked of it.',
};
export const OFFLINE: SessionState = {
  name: 'waiting',
  why: 'offline',
  failures: 0,
  tries: 1,
  wakeAt: NOW + MINUTE,
  wakeWhy: 'offline',
  hint: 'Not reached.',
};

/** One of each kind. */
export const SESSIONS: readonly Session[] = [
  session('claude', ALIVE, {
    displayName: 'Claude Code',
    provider: 'claude',
    lastSuccessAt: NOW - 2 * MINUTE,
    lastRenewedAt: NOW - 2 * MINUTE,
    account: 'm…@a.b, Max',
    lastAttempt: attempt('claude'),
    expiresAt: NOW + 5 * HOUR,
    loginExpiresAt: NOW + 12 * DAY,
  }),
  session('codex', LOGIN, { displayName: 'Codex CLI', lastSuccessAt: NOW - 3 * DAY }),
  session('acme-work', FAILING, {
    lastSuccessAt: NOW - HOUR,
    lastAttempt: attempt('acme-work', { outcome: 'failed', message: 'exit 1', code: 'KA_PROGRAM_FAILED' }),
  }),
  session('web', PAUSED),
];
