import { z } from 'zod';
import type { RpcMethod, RpcNotification, RpcNotifications, RpcParams, RpcResult } from './rpc.ts';
import { attemptSchema, instant, noticeSchema, policyPatchSchema, sessionSchema } from './schemas.ts';

type MethodSchema<M extends RpcMethod> = {
  readonly summary: string;
  readonly params: z.ZodType<RpcParams<M>>;
  readonly result: z.ZodType<RpcResult<M>>;
};

const id = z.string().min(1).max(200);
const none = z
  .strictObject({})
  .optional()
  .transform(() => undefined);
const target = z.strictObject({ id });
const nothing = z.null();

const errorShape = z.object({ code: z.string(), message: z.string() });
const pluginInfo = z.object({
  id: z.string(),
  kind: z.enum(['provider', 'frontend', 'notifier', 'unknown']),
  module: z.string(),
  status: z.enum(['loaded', 'failed', 'loading']),
  isolated: z.boolean().optional(),
  loadMs: z.number(),
  error: errorShape.optional(),
});
const finding = z.object({
  level: z.enum(['ok', 'info', 'warning', 'error']),
  subject: z.string(),
  message: z.string(),
  action: z.string().optional(),
});
const configView = z.object({
  file: z.string().nullable(),
  plugins: z.array(z.string()),
  values: z.array(
    z.object({
      session: z.string(),
      key: z.string(),
      value: z.unknown(),
      origin: z.enum(['default', 'provider', 'config', 'session', 'settings']),
    }),
  ),
});

const kernelInfo = z.object({
  name: z.string(),
  version: z.string(),
  pid: z.int(),
  home: z.string(),
  startedAt: instant,
  configFile: z.string().nullable(),
  sessions: z.int(),
  clients: z.int(),
  pages: z.array(z.object({ openedAt: instant, seenAt: instant, connections: z.int() })),
});
const supportBundle = z.object({
  madeAt: instant,
  daemon: z.boolean(),
  kernel: kernelInfo,
  node: z.string(),
  system: z.string(),
  environment: z.array(z.string()),
  findings: z.array(finding),
  config: configView,
  entries: z.array(z.object({ module: z.string(), options: z.unknown() })),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), mode: z.string(), modifiedAt: instant })),
  plugins: z.array(pluginInfo),
  sessions: z.array(sessionSchema),
  notices: z.array(noticeSchema),
  attempts: z.array(attemptSchema),
  log: z.array(z.string()),
});

/** Every method: what it takes, what it gives. The door checks params by it, and the OpenRPC document is made from it. */
export const METHODS: { readonly [M in RpcMethod]: MethodSchema<M> } = {
  'kernel/info': { summary: 'What is running, since when, and where.', params: none, result: kernelInfo },
  'kernel/stop': { summary: 'Ends the daemon cleanly.', params: none, result: nothing },
  'kernel/reload': {
    summary: 'Reads the configuration anew. A bad one is refused, and the last good one stays in force.',
    params: none,
    result: nothing,
  },
  'session/list': { summary: 'All sessions.', params: none, result: z.array(sessionSchema) },
  'session/get': { summary: 'One session.', params: target, result: sessionSchema },
  'session/refresh': {
    summary: 'Attempts now; answers when the attempt has settled. With force also where nothing is due.',
    params: z.strictObject({ id, force: z.boolean().optional() }),
    result: sessionSchema,
  },
  'session/pause': { summary: 'Keeps it alive no more, until it is resumed.', params: target, result: sessionSchema },
  'session/resume': { summary: 'Keeps it alive again.', params: target, result: sessionSchema },
  'session/configure': {
    summary: 'Changes members of its policy; null takes one back to what the configuration says.',
    params: z.strictObject({ id, policy: policyPatchSchema }),
    result: sessionSchema,
  },
  'session/explain': {
    summary: 'Why the next attempt is when it is.',
    params: target,
    result: z.object({
      id: z.string(),
      text: z.string(),
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    }),
  },
  'session/look': { summary: 'Looks at the credential without using it.', params: target, result: sessionSchema },
  'session/plan': {
    summary: 'The attempts to come up to a moment, a day ahead unless told.',
    params: z.strictObject({ id: id.optional(), until: instant.optional() }).default({}),
    result: z.array(z.object({ id: z.string(), at: instant, why: z.string() })),
  },
  'session/history': {
    summary: 'The attempts that were made, newest first.',
    params: z
      .strictObject({ id: id.optional(), limit: z.int().min(1).max(10_000).optional(), before: instant.optional() })
      .default({}),
    result: z.array(attemptSchema),
  },
  'page/open': {
    summary:
      'A link to the settings page. It works once, within a minute. ' +
      'With file, also a file that opens it, because other users can see program arguments.',
    params: z.strictObject({ file: z.boolean().optional() }).default({}),
    result: z.object({ url: z.string(), file: z.string().optional() }),
  },
  'page/close': { summary: 'Closes all opened settings pages.', params: none, result: z.object({ closed: z.int() }) },
  'notice/list': { summary: 'What people should know now.', params: none, result: z.array(noticeSchema) },
  'plugin/list': { summary: 'The plugins, and why one did not load.', params: none, result: z.array(pluginInfo) },
  'config/show': { summary: 'The values in force and where each comes from.', params: none, result: configView },
  'doctor/run': { summary: 'What was looked at, and what to do.', params: none, result: z.array(finding) },
  'doctor/bundle': { summary: 'All that helps to find a fault, without secrets.', params: none, result: supportBundle },
  'rpc.discover': { summary: 'This document.', params: none, result: z.record(z.string(), z.unknown()) },
};

export const NOTIFICATIONS: {
  readonly [N in RpcNotification]: {
    readonly summary: string;
    readonly params: z.ZodType<Parameters<RpcNotifications[N]>[0]>;
  };
} = {
  'session/didChange': { summary: 'A session is in another state, or has another policy.', params: sessionSchema },
  'session/didAttempt': { summary: 'An attempt has settled.', params: attemptSchema },
  'notice/didRaise': { summary: 'There is something to know.', params: noticeSchema },
  'notice/didClear': { summary: 'It has ended.', params: noticeSchema },
  'config/didChange': {
    summary: 'Another configuration is in force.',
    params: z.object({ file: z.string().nullable() }),
  },
  'kernel/willStop': { summary: 'The daemon ends.', params: z.object({ reason: z.string() }) },
};
