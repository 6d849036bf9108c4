import type { ErrorCode } from './errors.ts';
import type { PolicyPatch } from './policy.ts';
import type { Attempt, Instant, Notice, Session } from './session.ts';

// Type aliases, not interfaces: json-rpc-2.0 wants method tables with an implicit index signature.

export type KernelInfo = {
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly home: string;
  readonly startedAt: Instant;
  /** Null where no configuration file was found. */
  readonly configFile: string | null;
  /** How many sessions are kept. */
  readonly sessions: number;
  /** How many clients are connected. */
  readonly clients: number;
  /** The settings pages that are open in browsers. */
  readonly pages: readonly OpenedPage[];
};

/** A browser that a link let in, until it is closed or idle for 12 hours. */
export type OpenedPage = {
  readonly openedAt: Instant;
  /** When it last asked for something. */
  readonly seenAt: Instant;
  /** Its connections to the API now: none if its tab was closed. */
  readonly connections: number;
};

export type PluginInfo = {
  readonly id: string;
  readonly kind: 'provider' | 'frontend' | 'notifier' | 'unknown';
  /** As the configuration names it; `(inline)` for a plugin object. */
  readonly module: string;
  /** A plugin that is slow to load holds nothing back: it joins once it has loaded, or fails. */
  readonly status: 'loaded' | 'failed' | 'loading';
  /** It runs in a process of its own, which is there while it is needed. */
  readonly isolated?: boolean | undefined;
  readonly loadMs: number;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
};

export type PlannedAttempt = { readonly id: string; readonly at: Instant; readonly why: string };

export type Explanation = {
  readonly id: string;
  /** Sentences for a person. */
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
};

/** Something that doctor looked at. */
export type Finding = {
  readonly level: 'ok' | 'info' | 'warning' | 'error';
  /** What it is about: `node`, `home`, `config`, `clock`, `proxy`, or a session's id. */
  readonly subject: string;
  readonly message: string;
  /** What to do about it. */
  readonly action?: string | undefined;
};

/** A value in force and the layer it comes from. */
export type ConfigOrigin = 'default' | 'provider' | 'config' | 'session' | 'settings';

export type ConfigView = {
  readonly file: string | null;
  readonly plugins: readonly string[];
  readonly values: readonly {
    readonly session: string;
    readonly key: string;
    readonly value: unknown;
    readonly origin: ConfigOrigin;
  }[];
};

/** What someone who is asked for help needs to see: no secret, no address of a person, of the environment only the names. */
export type SupportBundle = {
  readonly madeAt: Instant;
  /** Whether a daemon tells of itself; otherwise none answered, and this is what a kernel found that lived for one look. */
  readonly daemon: boolean;
  readonly kernel: KernelInfo;
  readonly node: string;
  readonly system: string;
  readonly environment: readonly string[];
  readonly findings: readonly Finding[];
  readonly config: ConfigView;
  /** What the configuration names, and the options that it gives: their form, and what is surely no secret in them. */
  readonly entries: readonly { readonly module: string; readonly options: unknown }[];
  /** The files of ours in the home; those in `journal/` hold renewed credentials that are not written down yet. */
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly mode: string;
    readonly modifiedAt: Instant;
  }[];
  readonly plugins: readonly PluginInfo[];
  readonly sessions: readonly Session[];
  readonly notices: readonly Notice[];
  readonly attempts: readonly Attempt[];
  /** The last lines of the log. */
  readonly log: readonly string[];
};

type Target = { readonly id: string };

/** What a client may ask. Params are one object or none; a time is an Instant. */
export type RpcMethods = {
  'kernel/info': () => KernelInfo;
  'kernel/stop': () => null;
  'kernel/reload': () => null;
  'session/list': () => readonly Session[];
  'session/get': (params: Target) => Session;
  'session/refresh': (params: Target & { readonly force?: boolean | undefined }) => Session;
  'session/pause': (params: Target) => Session;
  'session/resume': (params: Target) => Session;
  'session/configure': (params: Target & { readonly policy: PolicyPatch }) => Session;
  'session/explain': (params: Target) => Explanation;
  'session/look': (params: Target) => Session;
  'session/plan': (params: {
    readonly id?: string | undefined;
    readonly until?: Instant | undefined;
  }) => readonly PlannedAttempt[];
  'session/history': (params: {
    readonly id?: string | undefined;
    readonly limit?: number | undefined;
    readonly before?: Instant | undefined;
  }) => readonly Attempt[];
  'page/open': (params?: { readonly file?: boolean | undefined }) => {
    readonly url: string;
    readonly file?: string | undefined;
  };
  'page/close': () => { readonly closed: number };
  'notice/list': () => readonly Notice[];
  'plugin/list': () => readonly PluginInfo[];
  'config/show': () => ConfigView;
  'doctor/run': () => readonly Finding[];
  'doctor/bundle': () => SupportBundle;
  'rpc.discover': () => Readonly<Record<string, unknown>>;
};

/** What the kernel announces to every client. */
export type RpcNotifications = {
  'session/didChange': (params: Session) => void;
  'session/didAttempt': (params: Attempt) => void;
  'notice/didRaise': (params: Notice) => void;
  'notice/didClear': (params: Notice) => void;
  'config/didChange': (params: { readonly file: string | null }) => void;
  'kernel/willStop': (params: { readonly reason: string }) => void;
};

export type RpcMethod = keyof RpcMethods;
export type RpcNotification = keyof RpcNotifications;
export type RpcParams<M extends RpcMethod> = Parameters<RpcMethods[M]>[0];
export type RpcResult<M extends RpcMethod> = ReturnType<RpcMethods[M]>;

/** `error.data` of our own errors, whose JSON-RPC code is 1. */
export type RpcErrorData = { readonly code: ErrorCode; readonly details: Readonly<Record<string, unknown>> };

/** What `endpoint.json` holds: where a running kernel is, and the key to it. Files of older kernels lack `process` and `proof`. */
export type Endpoint = {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: Instant;
  /** Tells its process from a later one with the same pid, if the platform can. */
  readonly process?: string | undefined;
  /** The version of the handshake by which it proves that it has the token. */
  readonly proof?: 1 | undefined;
};
