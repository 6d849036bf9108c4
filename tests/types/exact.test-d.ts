import type { z } from 'zod';
import type { refreshOutcomeSchema } from '../../sdk/contract/outcome-schema.ts';
import type { PartialPolicy, Policy, PolicyPatch, RefreshOutcome, RpcParams } from '../../sdk/index.ts';

// Types that are derived from another one must be exactly that: no member and no value may be missing.

type Exact<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Partly<T> = { readonly [K in keyof T]?: T[K] | undefined };

export const exact: readonly true[] = [
  true satisfies Exact<Omit<PartialPolicy, 'backoff'>, Partly<Omit<Policy, 'backoff'>>>,
  true satisfies Exact<PartialPolicy['backoff'], Partly<Policy['backoff']> | undefined>,
  true satisfies Exact<PolicyPatch, { readonly [K in keyof Policy]?: Policy[K] | null | undefined }>,
  true satisfies Exact<RpcParams<'session/configure'>['policy'], PolicyPatch>,
  true satisfies Exact<RefreshOutcome['status'], z.output<typeof refreshOutcomeSchema>['status']>,
];

// @ts-expect-error a missing member is seen
export const withoutMember = true satisfies Exact<Omit<Policy, 'jitter'>, Policy>;
// @ts-expect-error a missing value is seen
export const withoutValue = true satisfies Exact<
  Exclude<RefreshOutcome['status'], 'deferred'>,
  RefreshOutcome['status']
>;
