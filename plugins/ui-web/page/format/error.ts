import { isRecord } from '../../../../sdk/base/json.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { sentence } from '../../../../sdk/wording/sentence.ts';
import { relative } from '../../../../sdk/wording/time.ts';

/** A value that the daemon refuses: its path in the request, and what was expected there. */
export type Problem = { readonly path: string; readonly message: string };

/** An error as a sentence for the user. */
export function describeError(error: unknown, now: Instant): string {
  if (!(error instanceof Error)) return 'The request failed.';
  const retryAt = retryAtOf(error);
  if (retryAt !== undefined) return `${error.message} Try again ${relative(retryAt, now, 'long')}.`;
  const texts = new Set(problemsOf(error).map(({ message }) => message));
  if (texts.size > 0) return `The daemon refuses this: ${[...texts].join('; ')}.`;
  const { hint } = memberOf(error, 'details');
  return typeof hint === 'string' ? `${error.message} ${sentence(hint)}` : error.message;
}

/** What the daemon refuses: invalid params, or options of a plugin. */
export function problemsOf(error: unknown): readonly Problem[] {
  const problems = memberOf(error, 'data')['problems'] ?? memberOf(error, 'details')['problems'];
  return (Array.isArray(problems) ? problems : []).filter(isProblem);
}

/** When a request that came too early may be made again. */
export function retryAtOf(error: unknown): Instant | undefined {
  const { retryAt } = memberOf(error, 'details');
  return typeof retryAt === 'number' ? retryAt : undefined;
}

/** The problem of one value. Its path may be deeper in the request: `plugins[0][1].file` for `file`. */
export const problemAt = (problems: readonly Problem[], path: string): string | undefined =>
  problems.find(one => one.path === path || one.path.endsWith(`.${path}`) || one.path.includes(`.${path}.`))?.message;

const isProblem = (value: unknown): value is Problem =>
  isRecord(value) && typeof value['path'] === 'string' && typeof value['message'] === 'string';

function memberOf(error: unknown, name: 'data' | 'details'): Readonly<Record<string, unknown>> {
  const member: unknown = error instanceof Error ? Reflect.get(error, name) : undefined;
  return isRecord(member) ? member : {};
}
