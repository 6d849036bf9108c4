import type { Duration } from './duration.ts';

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** When a session is looked after. */
export type Schedule =
  /** Every so often. */
  | { readonly mode: 'interval'; readonly every: Duration }
  /** Once a local day, at `HH:MM`; on `days` only, where given. The machine's own zone unless `timezone` (IANA) says otherwise. */
  | {
      readonly mode: 'daily';
      readonly at: string;
      readonly timezone?: string | undefined;
      readonly days?: readonly Weekday[] | undefined;
    }
  /** This long before the credential expires; every 30 minutes where no expiry is known. */
  | { readonly mode: 'before-expiry'; readonly buffer: Duration }
  /** By a cron pattern of five to seven fields. */
  | { readonly mode: 'cron'; readonly pattern: string; readonly timezone?: string | undefined };

export type Backoff = {
  /** The wait before the first retry. */
  readonly initial: Duration;
  /** Each further wait is this much longer. At least 1. */
  readonly factor: number;
  /** No wait is longer. */
  readonly max: Duration;
};

/** When to attempt, and how hard. */
export type Policy = {
  /** Kept alive at all. */
  readonly enabled: boolean;
  readonly schedule: Schedule;
  /** A known expiry pulls the attempt forward to this long before it. Not used in before-expiry mode, where `buffer` rules. */
  readonly refreshBefore: Duration;
  /** Renew from half of the known life on, so that a machine that sleeps through the end loses nothing. */
  readonly renewEarly: boolean;
  /** Never two attempts closer together than this. */
  readonly minInterval: Duration;
  /** Retries in one cycle; after them the session waits for its next tick. */
  readonly retries: number;
  readonly backoff: Backoff;
  /** Answered, unexplained failures in a row after which the session is halted and a person is told. */
  readonly maxFailures: number;
  /** Time limit of one attempt. */
  readonly timeout: Duration;
  /** Fraction (0 … 1) by which wakes are spread; never later than the expiry guard. */
  readonly jitter: number;
};

/** What differs from the policy beneath. */
export type PartialPolicy = { readonly [K in keyof Policy]?: Policy[K] | undefined };

/** A change asked for in a frontend; `null` takes a member back to what the configuration says. */
export type PolicyPatch = { readonly [K in keyof Policy]?: Policy[K] | null | undefined };

export const DEFAULT_POLICY: Policy = {
  enabled: true,
  schedule: { mode: 'before-expiry', buffer: '5m' },
  refreshBefore: '5m',
  renewEarly: false,
  minInterval: '2m',
  retries: 3,
  backoff: { initial: '2m', factor: 2, max: '30m' },
  maxFailures: 5,
  timeout: '60s',
  jitter: 0.1,
};
