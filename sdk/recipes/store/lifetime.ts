import { isRecord } from '../../base/json.ts';
import type { LastOutcome } from '../../plugin/provider.ts';
import type { JsonObject } from './json-store.ts';

/** What is known of a credential's life. `last` is the member of the context of that name. */
export type Lifetime = {
  readonly expiresAt?: Date | undefined;
  readonly issuedAt?: Date | undefined;
  readonly last?: LastOutcome | undefined;
};

/**
 * When to renew a credential, in milliseconds since the epoch: `refreshBefore` milliseconds before its expiry, but not
 * in the first half of its life. Undefined if the expiry is unknown.
 */
export function dueAt({ expiresAt, issuedAt, last }: Lifetime, refreshBefore: number): number | undefined {
  if (!expiresAt) return undefined;
  const begin =
    issuedAt?.getTime() ?? (last?.expiresAt?.getTime() === expiresAt.getTime() ? last.expirySeenAt : undefined);
  const life = begin === undefined ? Infinity : Math.max(0, expiresAt.getTime() - begin);
  return expiresAt.getTime() - Math.min(refreshBefore, life / 2);
}

/** The times in a JWT. */
export type JwtTimes = { readonly expiresAt?: Date | undefined; readonly issuedAt?: Date | undefined };

/** Reads the times in a JWT without verifying it. Undefined for any other text. */
export function readJwt(token: string): JwtTimes | undefined {
  const claims = readClaims(token);
  return claims && { expiresAt: toDate(claims['exp']), issuedAt: toDate(claims['iat']) };
}

/** The claims of a JWT, without verifying it. Undefined for any other text. */
export function readClaims(token: string): JsonObject | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

const toDate = (seconds: unknown): Date | undefined =>
  typeof seconds === 'number' && Math.abs(seconds) <= 8.64e12 ? new Date(seconds * 1_000) : undefined;
