import { EventEmitter } from 'node:events';
import type { InjectionToken } from 'tsyringe';
import type { WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { Attempt, Notice, Session } from '../../sdk/contract/session.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { ResolvedConfig } from '../../config/resolve.ts';
import type { KernelLog } from '../../runtime/log/log.ts';

// Injection tokens that belong to no other file.

/** How this kernel was started. */
export type KernelOptions = {
  readonly home: Home;
  readonly version: string;
  readonly startedAt: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False for a kernel that serves one command: it attempts nothing unless asked. */
  readonly armed: boolean;
  /** Whether a service manager started this daemon, and starts it again. */
  readonly byService?: boolean | undefined;
};
export const KernelOptions = Symbol('KernelOptions') as InjectionToken<KernelOptions>;

/** Why a changed configuration file is not in force. */
export type Refusal = {
  readonly file: string;
  /** One line, without a full stop. */
  readonly problem: string;
  /** The file was removed, so the next start does without it. */
  readonly isGone?: true;
};

/** The configuration in force. A reload replaces it, or notes why it does not. */
export type ConfigHolder = { current: ResolvedConfig; refusal?: Refusal | undefined };
export const ConfigHolder = Symbol('ConfigHolder') as InjectionToken<ConfigHolder>;

export const Log = Symbol('Log') as InjectionToken<KernelLog>;

/** What happens in the kernel. `start/subscriptions.ts` lists the listeners. */
export type KernelEvents = {
  changed: [session: Session];
  attempted: [attempt: Attempt];
  /** The end of the session's login is near enough for another warning. */
  warningDue: [session: Session];
  raised: [notice: Notice];
  cleared: [notice: Notice];
  /** A warm-up ran, or was skipped. */
  warmedUp: [run: WarmUpRun];
  /** A machine of the fleet has shown something new. */
  fleetChanged: [];
  reloaded: [configFile: string | null];
  stopping: [reason: string];
};

export class Events extends EventEmitter<KernelEvents> {}
