import type { Infer } from './base-schema.ts';
import type {
  backoffSchema,
  partialPolicySchema,
  policyPatchSchema,
  policySchema,
  scheduleSchema,
  weekdaySchema,
} from './policy-schema.ts';

export type Weekday = Infer<typeof weekdaySchema>;

/** When a session is attempted. */
export type Schedule = Infer<typeof scheduleSchema>;

/** The waits between retries. */
export type Backoff = Infer<typeof backoffSchema>;

/** When to attempt, and how often to retry. */
export type Policy = Infer<typeof policySchema>;

/** What differs from the policy of the layer below. */
export type PartialPolicy = Infer<typeof partialPolicySchema>;

/** A change made in a frontend. `null` returns a member to the configured value. */
export type PolicyPatch = Infer<typeof policyPatchSchema>;

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
  account: true,
  warn: ['7d', '3d', '1d'],
};
