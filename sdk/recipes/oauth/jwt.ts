export type JwtTimes = { readonly expiresAt?: Date | undefined; readonly issuedAt?: Date | undefined };

/** What a JWT says of its own life, unverified; undefined for anything else. */
export function readJwt(token: string): JwtTimes | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (typeof claims !== 'object' || claims === null) return undefined;
    return { expiresAt: toDate('exp' in claims && claims.exp), issuedAt: toDate('iat' in claims && claims.iat) };
  } catch {
    return undefined;
  }
}

const toDate = (seconds: unknown): Date | undefined =>
  typeof seconds === 'number' && Math.abs(seconds) <= 8.64e12 ? new Date(seconds * 1_000) : undefined;
