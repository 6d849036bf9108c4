import type { z } from 'zod';
import type { Cleanup } from '../base/cleanup.ts';
import type { Infer } from './base-schema.ts';
import type { endpointSchema } from './endpoint-schema.ts';
import type { ErrorCode } from './errors.ts';
import type { configViewSchema, pluginInfoSchema } from './rpc-config-schema.ts';
import type { findingSchema, supportBundleSchema } from './rpc-doctor-schema.ts';
import type { fleetAttemptSchema, fleetMachineSchema } from './rpc-fleet-schema.ts';
import type { kernelInfoSchema, openedPageSchema } from './rpc-kernel-schema.ts';
import type { loginStateSchema, startedLoginSchema } from './rpc-login-schema.ts';
import type { deliverySchema, notifierInfoSchema } from './rpc-notifier-schema.ts';
import type { METHODS, NOTIFICATIONS } from './rpc-schema.ts';
import type {
  explanationSchema,
  plannedAttemptSchema,
  sessionDaySchema,
  ownerProgramSchema,
} from './rpc-session-schema.ts';
import type { additionSchema, toolSchema } from './rpc-tool-schema.ts';
import type { usageWindowSchema, warmUpCostSchema, warmUpRunSchema, warmUpSchema } from './rpc-warmup-schema.ts';

/** The running daemon. */
export type KernelInfo = Infer<typeof kernelInfoSchema>;

/** A browser that a link let in, until it is closed or idle for 12 hours. */
export type OpenedPage = Infer<typeof openedPageSchema>;

/** A configured plugin and whether it has loaded. */
export type PluginInfo = Infer<typeof pluginInfoSchema>;

/** An attempt to come. */
export type PlannedAttempt = Infer<typeof plannedAttemptSchema>;

/** A tool that can be kept alive without a configuration: whether it was found here, and what to do next. */
export type Tool = Infer<typeof toolSchema>;

/** A session that a user added in a frontend. It is kept in `settings.json`, never in the configuration. */
export type Addition = Infer<typeof additionSchema>;

/** A sign-in that has begun. */
export type StartedLogin = Infer<typeof startedLoginSchema>;

/** A prompt that is sent at chosen times, so that a usage window begins then. */
export type WarmUp = Infer<typeof warmUpSchema>;

/** What a warm-up did at one of its times. */
export type WarmUpRun = Infer<typeof warmUpRunSchema>;

/** What a warm-up costs. */
export type WarmUpCost = Infer<typeof warmUpCostSchema>;

/** A usage window of a vendor's account. */
export type UsageWindow = Infer<typeof usageWindowSchema>;

/** A machine of the fleet, with the sessions and notices that it has shown. */
export type FleetMachine = Infer<typeof fleetMachineSchema>;

/** An attempt of a machine of the fleet. */
export type FleetAttempt = Infer<typeof fleetAttemptSchema>;

/** Where a sign-in is. */
export type LoginState = Infer<typeof loginStateSchema>;

/** A plugin that carries notices to the user. */
export type NotifierInfo = Infer<typeof notifierInfoSchema>;

/** Whether a notifier delivered a notice. */
export type Delivery = Infer<typeof deliverySchema>;

/** How to run a session's own program. */
export type OwnerProgram = Infer<typeof ownerProgramSchema>;

/** What happened to a session on one day. */
export type SessionDay = Infer<typeof sessionDaySchema>;

/** Why the next attempt is when it is. */
export type Explanation = Infer<typeof explanationSchema>;

/** One result of doctor. */
export type Finding = Infer<typeof findingSchema>;

/** The configuration in force: every policy value, and the layer it comes from. */
export type ConfigView = Infer<typeof configViewSchema>;

/** The layer that a value in force comes from. */
export type ConfigOrigin = ConfigView['values'][number]['origin'];

/** Everything that helps to find a fault: no secret, no e-mail address, and only the names of environment variables. */
export type SupportBundle = Infer<typeof supportBundleSchema>;

/** The content of `endpoint.json`: the daemon's address and tokens. Older daemons write fewer members. */
export type Endpoint = Infer<typeof endpointSchema>;

export type RpcMethod = keyof typeof METHODS;
export type RpcNotification = keyof typeof NOTIFICATIONS;

/** The methods that clients may call. Params are one object or none; a time is an Instant. */
export type RpcMethods = {
  readonly [M in RpcMethod]: Call<(typeof METHODS)[M]['params'], (typeof METHODS)[M]['result']>;
};

type Call<Params extends z.ZodType, Result extends z.ZodType> = [z.output<Params>] extends [undefined]
  ? () => Infer<Result>
  : undefined extends z.input<Params>
    ? (params?: Infer<Params>) => Infer<Result>
    : (params: Infer<Params>) => Infer<Result>;

/** What the daemon announces to every client. */
export type RpcNotifications = {
  readonly [N in RpcNotification]: (params: Infer<(typeof NOTIFICATIONS)[N]['params']>) => void;
};

export type RpcParams<M extends RpcMethod> = Parameters<RpcMethods[M]>[0];
export type RpcResult<M extends RpcMethod> = ReturnType<RpcMethods[M]>;

/** The params of a method after they were checked. */
export type CheckedParams<M extends RpcMethod> = Infer<(typeof METHODS)[M]['params']>;

/** `error.data` of our own errors, whose JSON-RPC code is 1. */
export type RpcErrorData = { readonly code: ErrorCode; readonly details: Readonly<Record<string, unknown>> };

/** The client that calls a method. */
export interface RpcClient {
  /** Sends a notification to this client alone. Absent if it gets no notifications. */
  readonly notify?: <N extends RpcNotification>(method: N, params: Parameters<RpcNotifications[N]>[0]) => void;
  /** Whether it may connect again: a settings page. All its connections are one client. */
  readonly mayReturn: boolean;
  /** Whether it is connected. */
  isHere(): boolean;
  /** Calls the listener when it has gone for good: its connection has closed, or its page may not return. */
  onGone(listener: () => void): Cleanup;
}

/** What answers each method. A missing method does not compile. A sign-in belongs to the client that started it. */
export type RpcHandlers = {
  readonly [M in RpcMethod]: M extends `login/${string}` | 'fleet/login'
    ? Answerer<M, [client: RpcClient]>
    : Answerer<M>;
};

type Answerer<M extends RpcMethod, More extends readonly unknown[] = []> = (
  params: CheckedParams<M>,
  ...more: More
) => RpcResult<M> | Promise<RpcResult<M>>;

/** The handlers of a namespace: `session` for `session/list` and the others. */
export type Handlers<Namespace extends string> = Pick<RpcHandlers, Extract<RpcMethod, `${Namespace}/${string}`>>;
