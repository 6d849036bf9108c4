import { describeError } from '../../sdk/describe.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/errors.ts';
import { relativeAndLocal } from './render/time.ts';

/** An error as sentences for the person at the terminal. */
export function describeFailure(error: unknown, now: number): string {
  const problems = refusedParams(error);
  if (problems) return `The daemon refuses this:\n${problems.map(problem => `  ${problem}`).join('\n')}`;
  if (!isKeepaliveError(error) || typeof error.details['retryAt'] !== 'number') return describeError(error);
  return describeError(new KeepaliveError(error.code, { ...error.details, retryAt: relativeAndLocal(error.details['retryAt'], now) }));
}

const INVALID_PARAMS = -32_602;

/** What the kernel found wrong with what it was asked, where that is the error: it is what the person wrote. */
export function refusedParams(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== INVALID_PARAMS) return undefined;
  const problems: unknown = 'data' in error && typeof error.data === 'object' && error.data !== null && 'problems' in error.data ? error.data.problems : [];
  return (Array.isArray(problems) ? problems : []).map(({ path, message }: { readonly path?: unknown; readonly message?: unknown }) => `${path}: ${message}`);
}
