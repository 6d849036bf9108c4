import { inspect } from 'node:util';
import { isRecord } from '../base/json.ts';
import { PLAIN_ID } from '../base/plugin-id.ts';

/** An earlier date is a number of seconds that was taken for milliseconds. */
const EARLIEST = Date.UTC(2001);

/** Why a value is not a provider. */
export function shapeProblem(value: unknown): string | undefined {
  if (value instanceof Error) return `The factory threw: ${value.message}`;
  if (!isRecord(value) || value['kind'] !== 'provider')
    return 'It is not a plugin of the kind "provider". Make it with defineProvider.';
  if (typeof value['id'] !== 'string' || !PLAIN_ID.test(value['id']))
    return 'The id is not made of lower-case letters, digits and dashes.';
  if (typeof value['displayName'] !== 'string' || value['displayName'] === '') return 'It has no displayName.';
  if (typeof value['refresh'] !== 'function') return 'It has no function "refresh".';
  const odd = ['inspect', 'watch'].find(name => value[name] !== undefined && typeof value[name] !== 'function');
  return odd && `"${odd}" is not a function.`;
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
