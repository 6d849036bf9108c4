import { inspect } from 'node:util';
import { isRecord } from '../base/json.ts';
import { PLAIN_ID } from '../base/plugin-id.ts';
import { checkValue, type Problem } from '../contract/problems.ts';
import { partialPolicySchema } from '../contract/policy-schema.ts';
import { pluginProblems } from '../plugin/shape.ts';
import type { Run } from './run.ts';

/** An earlier date is a number of seconds that was taken for milliseconds. */
const EARLIEST = Date.UTC(2001);

/** Why a value is not a plugin. */
export function shapeProblem(value: unknown): string | undefined {
  if (value instanceof Error) return `The factory threw: ${value.message}`;
  const problems = [...pluginProblems(value), ...policyProblems(value)];
  if (problems.length > 0)
    return problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  const id = isRecord(value) ? value['id'] : undefined;
  return typeof id === 'string' && PLAIN_ID.test(id)
    ? undefined
    : 'The id is not made of lower-case letters, digits and dashes.';
}

function policyProblems(value: unknown): readonly Problem[] {
  const policy = isRecord(value) ? value['policy'] : undefined;
  if (!isRecord(policy)) return [];
  const result = checkValue(partialPolicySchema, policy);
  if (result.ok) return [];
  return result.problems.map(({ path, message }) => ({ path: `policy${path && `.${path}`}`, message }));
}

/** What is wrong with the dates of a valid outcome or inspection. */
export function dateProblem(value: unknown, now: number): string | undefined {
  if (!isRecord(value)) return undefined;
  for (const [name, date] of Object.entries(value)) {
    if (!(date instanceof Date)) continue;
    if (date.getTime() < EARLIEST) return `"${name}" is in the last century: were seconds taken for milliseconds?`;
    if (name === 'expiresAt' && value['status'] === 'refreshed' && date.getTime() <= now)
      return 'The status is "refreshed", but the credential has expired.';
  }
  return undefined;
}

/** Whether a value contains one of the secrets, or a canary, at any depth. */
export function leaks(content: unknown, secrets: readonly string[]): boolean {
  const text = inspect(content, {
    depth: Infinity,
    maxStringLength: Infinity,
    maxArrayLength: Infinity,
    showHidden: true,
    breakLength: Infinity,
  });
  return text.includes('CANARY') || secrets.some(secret => secret.length >= 6 && text.includes(secret));
}

/** Where a call shows one of its secrets. */
export function leakProblem({ context, error, value }: Run, secrets: readonly string[] = []): string | undefined {
  const { exec, log, concealed } = context.calls;
  const places = { outcome: value, error, log, argv: exec.map(({ args }) => args), changes: context.files.changes };
  const place = Object.entries(places).find(([, content]) => leaks(content, [...secrets, ...concealed]));
  return place && `A secret is in: ${place[0]}.`;
}
