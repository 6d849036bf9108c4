export { API_VERSION } from './contract/api-version.ts';
export type { Cleanup } from './base/cleanup.ts';
export type { LogLevel, Placement } from './contract/config.ts';
export { defineConfig, type KeepaliveConfig, type PluginEntry } from './plugin/config.ts';
export { describeError } from './plugin/describe.ts';
export { isDuration, toMs, type Duration } from './contract/duration.ts';
export { describeMs as formatMs } from './wording/duration.ts';
export { ERROR_CODES, isKeepaliveError, KeepaliveError, offline, type ErrorCode } from './contract/errors.ts';
export type { FileFacts, Files, Journal, OpenNote, Replacement } from './plugin/files.ts';
export { defineFrontend, type FrontendContext, type FrontendPlugin, type PageFiles } from './plugin/frontend.ts';
export type { Logger } from './plugin/logger.ts';
export { defineNotifier, type NotifierContext, type NotifierPlugin, type Receipt } from './plugin/notifier.ts';
export { digestOf } from './wording/digest.ts';
export { checkOptions, type OptionsSchema, type Problem } from './plugin/options.ts';
export type { Plugin, PluginFactory } from './plugin/plugin.ts';
export {
  DEFAULT_POLICY,
  type Backoff,
  type PartialPolicy,
  type Policy,
  type PolicyPatch,
  type Schedule,
  type Weekday,
} from './contract/policy.ts';
export type { Dialogue, Exec, ExecOptions, ExecResult, RunningProcess } from './plugin/process.ts';
export type { Inspection, RefreshOutcome, RefreshReason } from './contract/outcome.ts';
export {
  defineProvider,
  type InspectContext,
  type LastOutcome,
  type ProviderContext,
  type ProviderPlugin,
} from './plugin/provider.ts';
export type { CodeStep, OpenStep, SignIn, SignInContext, SignInStep } from './plugin/sign-in.ts';
export type {
  ConfigOrigin,
  ConfigView,
  Endpoint,
  Explanation,
  Finding,
  KernelInfo,
  LoginState,
  OpenedPage,
  PlannedAttempt,
  PluginInfo,
  RpcErrorData,
  RpcMethod,
  RpcMethods,
  RpcNotification,
  RpcNotifications,
  RpcParams,
  RpcResult,
  StartedLogin,
  SupportBundle,
} from './contract/rpc.ts';
export {
  isFailing,
  needsLogin,
  type Attempt,
  type AttemptOutcome,
  type HaltReason,
  type Instant,
  type Notice,
  type NoticeCode,
  type NoticeLevel,
  type HeldLogin,
  type Session,
  type SessionRecord,
  type SessionState,
  type SharedLogin,
  type StatesFile,
  type WaitReason,
} from './contract/session.ts';
