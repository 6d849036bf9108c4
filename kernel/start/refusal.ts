import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { isProblems } from '../../sdk/plugin/describe.ts';
import type { Refusal } from '../wiring/tokens.ts';

/** Why a changed configuration is not in force: its first problem, without the value that was found there. */
export function refusalOf(error: unknown, current: string | null): Refusal {
  const file = fileOf(error) ?? current ?? 'The configuration';
  if (!isKeepaliveError(error)) return { file, problem: error instanceof Error ? error.message : String(error) };
  if (error.code === 'KA_CONFIG_NOT_FOUND') return { file, problem: 'The file is gone', isGone: true };
  const { problems } = error.details;
  const [first, ...others] = isProblems(problems) ? problems : [];
  if (!first) return { file, problem: withoutStop(error.message) };
  const message = first.message.replace(/, found .*$/s, '');
  const what = withoutStop(message.startsWith(`${file} `) ? message.slice(file.length) : message);
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return { file, problem: `${first.path === '' ? '' : `${first.path}: `}${what}${more}` };
}

/** It becomes part of a sentence. */
const withoutStop = (text: string): string => text.trim().replace(/\.$/, '');

const fileOf = (error: unknown): string | undefined => {
  const file = isKeepaliveError(error) ? error.details['file'] : undefined;
  return typeof file === 'string' ? file : undefined;
};
