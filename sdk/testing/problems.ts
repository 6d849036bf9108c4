import { inspect } from 'node:util';

const ID = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** A date before this is a number of seconds that was taken for milliseconds. */
const SANE = Date.UTC(2001);

type Fields = Readonly<Record<string, unknown>>;

/** What keeps a value from being a provider. */
export function shapeProblem(value: unknown): string | undefined {
  if (value instanceof Error) return `The factory threw: ${value.message}`;
  if (!isFields(value) || value['kind'] !== 'provider')
    return 'It is not a plugin of the kind "provider". Make it with defineProvider.';
  if (typeof value['id'] !== 'string' || !ID.test(value['id']))
    return 'The id is not made of lower-case letters, digits and dashes.';
  if (typeof value['displayName'] !== 'string' || value['displayName'] === '') return 'It has no displayName.';
  if (typeof value['refresh'] !== 'function') return 'It has no function "refresh".';
  const odd = ['inspect', 'watch'].find(name => value[name] !== undefined && typeof value[name] !== 'function');
  return odd && `"${odd}" is not a function.`;
}

/** What is wrong with the dates of an outcome or an inspection. */
export function dateProblem(value: unknown, now: number): string | undefined {
  if (!isFields(value)) return undefined;
  for (const name of ['expiresAt', 'loginExpiresAt', 'until', 'retryAt']) {
    const date = value[name];
    if (date === undefined) continue;
    if (!(date instanceof Date) || Number.isNaN(date.getTime())) return `"${name}" is not a valid Date.`;
    if (date.getTime() < SANE) return `"${name}" is in the last century: were seconds taken for milliseconds?`;
    if (name === 'expiresAt' && value['status'] === 'refreshed' && date.getTime() <= now)
      return 'It says "refreshed", of a credential that has expired.';
  }
  return undefined;
}

/** What keeps a value from being an inspection. */
export function inspectionProblem(value: unknown): string | undefined {
  if (!isFields(value) || typeof value['present'] !== 'boolean')
    return 'The inspection does not say whether the credential is present.';
  const texts = ['store', 'owner', 'program', 'method', 'fingerprint', 'refreshFingerprint', 'account', 'hint'];
  const odd = texts.find(name => value[name] !== undefined && typeof value[name] !== 'string');
  return odd ? `"${odd}" of the inspection is not a text.` : dateProblem(value, 0);
}

/** Whether a value carries one of the secrets, or a canary, anywhere within. */
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

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
