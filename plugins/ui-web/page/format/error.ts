import { isRecord } from '../../../../sdk/base/json.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { relative } from '../../../../sdk/wording/time.ts';

/** An error as a sentence for the user. */
export function describeError(error: unknown, now: Instant): string {
  if (!(error instanceof Error)) return 'The request failed.';
  const details = 'details' in error && isRecord(error.details) ? error.details : {};
  const data = 'data' in error && isRecord(error.data) ? error.data : {};
  if (typeof details['retryAt'] === 'number')
    return `${error.message} Try again ${relative(details['retryAt'], now, 'long')}.`;
  const problems: readonly unknown[] = Array.isArray(data['problems']) ? data['problems'] : [];
  const texts = problems.flatMap(problem =>
    isRecord(problem) && typeof problem['message'] === 'string' ? [problem['message']] : [],
  );
  return texts.length > 0 ? `The daemon refuses this: ${[...new Set(texts)].join('; ')}.` : error.message;
}
