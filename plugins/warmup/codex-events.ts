import type { ExecResult } from '../../sdk/plugin/process.ts';
import { parseObject, textAt, type JsonObject } from '../../sdk/recipes/store/json-store.ts';
import { quote } from './driver.ts';

/** What became of a prompt. */
export type Ending =
  | { readonly result: 'answered' }
  | { readonly result: 'refused'; readonly reason: string }
  | { readonly result: 'failed'; readonly reason: string };

/** How codex words a refusal. The first match applies. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/usage limit|spend cap|credits|quota exceeded/i, 'The usage limit of the account is reached'],
  [/upgrade to|usage_not_included/i, 'The plan of the account does not include Codex'],
  [/status:? 429|rate limit/i, 'OpenAI wants fewer requests'],
  [/status:? 401/i, 'OpenAI does not accept the login'],
  [/status:? 403/i, 'OpenAI, or a proxy on the way, refused the request: 403'],
  [/model.{0,80}(?:not supported|not exist|not found)/i, 'OpenAI does not offer this model to the account'],
];

const TOO_OLD = /unexpected argument '--/;

/** Reads what `codex exec --json` printed. Only a completed turn counts as an answer. */
export function endingOf({ stdout, stderr, timedOut, exitCode }: ExecResult): Ending {
  const events = stdout.split('\n').flatMap(eventIn);
  if (events.some(event => event['type'] === 'turn.completed')) return { result: 'answered' };
  if (timedOut) return { result: 'failed', reason: 'Codex did not finish in time' };
  const failure = events.find(event => event['type'] === 'turn.failed');
  const message = failure && textAt(failure, 'error.message');
  const refusal = REFUSALS.find(([pattern]) => pattern.test(message ?? ''))?.[1];
  if (refusal) return { result: 'refused', reason: refusal };
  if (TOO_OLD.test(stderr)) return { result: 'failed', reason: 'This codex is too old for a warm-up. Update it' };
  const said = quote(message ?? lastLine(stderr));
  return {
    result: 'failed',
    reason: said ? `Codex reports: ${said}` : `Codex ended without an answer (exit code ${exitCode ?? 'none'})`,
  };
}

function eventIn(line: string): readonly JsonObject[] {
  const event = parseObject(line);
  return event ? [event] : [];
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
