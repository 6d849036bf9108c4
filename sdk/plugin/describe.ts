import { isKeepaliveError } from '../contract/errors.ts';
import type { Problem } from './options.ts';

/** An error as text for the user: what happened, the details, and what to do. */
export function describeError(error: unknown): string {
  if (!isKeepaliveError(error)) return error instanceof Error ? error.message : String(error);
  const { problems, ...others } = error.details;
  const lines = Object.entries(others)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const listed = isProblems(problems)
    ? problems.map(({ path, message }) => `  ${path || '(the whole)'}: ${message}`)
    : [];
  return [`${error.message} (${error.code})`, ...lines, ...listed].join('\n');
}

/** Whether the details of an error are a list of problems. */
export const isProblems = (value: unknown): value is readonly Problem[] =>
  Array.isArray(value) &&
  value.every(item => typeof item === 'object' && item !== null && 'path' in item && 'message' in item);
