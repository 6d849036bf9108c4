import { describeError } from '../../sdk/plugin/describe.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import { relativeAndLocal } from '../../sdk/wording/time.ts';

/** An error as sentences for the person at the terminal. */
export function describeFailure(error: unknown, now: number): string {
  const problems = refusedParams(error);
  if (problems) return ['The daemon refuses this:', ...problems.map(problem => `  ${problem}`)].join('\n');
  if (!isKeepaliveError(error) || typeof error.details['retryAt'] !== 'number') return describeError(error);
  const retryAt = relativeAndLocal(error.details['retryAt'], now);
  return describeError(new KeepaliveError(error.code, { ...error.details, retryAt }));
}

const INVALID_PARAMS = -32_602;

/** What the kernel found wrong with what it was asked, where that is the error: it is what the person wrote. */
export function refusedParams(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== INVALID_PARAMS) return undefined;
  const { problems } = ('data' in error && error.data ? error.data : {}) as { readonly problems?: unknown };
  return (Array.isArray(problems) ? problems : []).map(({ path, message }) => `${String(path)}: ${String(message)}`);
}
