import type { RefreshOutcome } from '../plugin/provider.ts';

type Fields = { readonly texts: readonly string[]; readonly dates: readonly string[] };

const FIELDS: Readonly<Record<RefreshOutcome['status'], Fields>> = {
  refreshed: { texts: [], dates: ['expiresAt', 'loginExpiresAt'] },
  fresh: { texts: [], dates: ['expiresAt', 'loginExpiresAt'] },
  deferred: { texts: ['reason'], dates: ['until'] },
  'rate-limited': { texts: [], dates: ['retryAt'] },
  'login-required': { texts: ['hint', 'proof'], dates: [] },
  unavailable: { texts: ['hint'], dates: [] },
};

/** What keeps a value from being an outcome, as a sentence; undefined where it is one. */
export function outcomeProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'The outcome is not an object.';
  const outcome: Readonly<Record<string, unknown>> = { ...value };
  const { status, method } = outcome;
  if (typeof status !== 'string' || !Object.hasOwn(FIELDS, status))
    return `The status is not one of ${Object.keys(FIELDS).join(', ')}.`;
  const { texts, dates } = FIELDS[status as RefreshOutcome['status']];
  const text = texts.find(name => typeof outcome[name] !== 'string' || outcome[name] === '');
  if (text) return `An outcome "${status}" needs a text "${text}".`;
  const date = dates.find(name => outcome[name] !== undefined && !isDate(outcome[name]));
  if (date) return `"${date}" of the outcome "${status}" is not a valid Date.`;
  if (method !== undefined && typeof method !== 'string') return 'The method is not a text.';
  return undefined;
}

/** Whether a value is an outcome that the kernel can act on. */
export const isRefreshOutcome = (value: unknown): value is RefreshOutcome => outcomeProblem(value) === undefined;

const isDate = (value: unknown): boolean => value instanceof Date && !Number.isNaN(value.getTime());
