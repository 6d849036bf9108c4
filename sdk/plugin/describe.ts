import { isKeepaliveError } from '../contract/errors.ts';
import type { Instant } from '../contract/session.ts';
import { describeOurs } from '../wording/error.ts';
import type { Problem } from './options.ts';

/** An error as text for the user: what happened, what to do, and the code to look it up by. */
export function describeError(error: unknown, now?: Instant): string {
  if (!isKeepaliveError(error)) return error instanceof Error ? error.message : String(error);
  const { problems } = error.details;
  const lines = isProblems(problems) ? problems.map(problem => `  ${describeProblem(problem)}`) : [];
  return [`${describeOurs(error, now)} (${error.code})`, ...lines].join('\n');
}

/** The path of a mistake, and what is expected there. */
export const describeProblem = ({ path, message }: Problem): string => (path === '' ? message : `${path}: ${message}`);

export const isProblems = (value: unknown): value is readonly Problem[] =>
  Array.isArray(value) &&
  value.every(item => typeof item === 'object' && item !== null && 'path' in item && 'message' in item);
