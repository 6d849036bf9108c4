import type { RpcMethod } from './rpc.ts';

/** What a token gives access to: the whole API, or the methods that only read. Both get all notifications. */
export type Access = 'full' | 'read';

/** The access that each method needs. Apart from the schemas, because completion lists the names at a shell's start. */
export const ACCESS = {
  'kernel/info': 'read',
  'kernel/stop': 'full',
  'kernel/reload': 'full',
  'session/list': 'read',
  'session/get': 'read',
  'session/refresh': 'full',
  'session/pause': 'full',
  'session/resume': 'full',
  'session/configure': 'full',
  'session/explain': 'read',
  'session/look': 'full',
  'session/program': 'full',
  'session/plan': 'read',
  'session/history': 'read',
  'session/days': 'full',
  'session/add': 'full',
  'session/remove': 'full',
  'login/start': 'full',
  'login/answer': 'full',
  'login/cancel': 'full',
  'page/open': 'full',
  'page/close': 'full',
  'notice/list': 'read',
  'notifier/list': 'read',
  'notifier/configure': 'full',
  'notifier/test': 'full',
  'tool/list': 'read',
  'tool/sessions': 'full',
  'plugin/list': 'read',
  'config/show': 'full',
  'doctor/run': 'full',
  'doctor/bundle': 'full',
  'warmup/list': 'read',
  'warmup/history': 'read',
  'warmup/cost': 'full',
  'warmup/add': 'full',
  'warmup/remove': 'full',
  'warmup/resume': 'full',
  'fleet/list': 'read',
  'fleet/history': 'read',
  'fleet/refresh': 'full',
  'fleet/login': 'full',
  'rpc.discover': 'read',
} as const satisfies Readonly<Record<RpcMethod, Access>>;

/** The names of all methods. */
export const METHOD_NAMES: readonly string[] = Object.keys(ACCESS);

export const isMethod = (name: string): name is RpcMethod => Object.hasOwn(ACCESS, name);
