/** A token with the form of a JWT and without a valid signature. */
export const jwt = (claims: object): string =>
  [{ alg: 'RS256', typ: 'JWT' }, claims, 'signature']
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

export type LoginFacts = {
  /** In milliseconds since the epoch. Without them, the access token is opaque. */
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  readonly refreshedAt?: number;
  readonly refresh?: string;
  readonly account?: string;
  readonly email?: string;
};

/** The text of an `auth.json` as codex writes it. */
export function codexLogin(
  { issuedAt, expiresAt, refreshedAt = 0, refresh = 'CANARY-refresh-1', account = 'account-1', email }: LoginFacts,
  changes: object = {},
): string {
  const access =
    expiresAt === undefined ? `CANARY-opaque-${refresh}` : accessToken({ issuedAt, expiresAt, account, id: refresh });
  const tokens = {
    id_token: idToken(account, email),
    access_token: access,
    refresh_token: refresh,
    account_id: account,
  };
  return JSON.stringify(
    {
      auth_mode: 'chatgpt',
      OPENAI_API_KEY: null,
      tokens,
      last_refresh: new Date(refreshedAt).toISOString(),
      ...changes,
    },
    null,
    2,
  );
}

const auth = (account: string) => ({
  chatgpt_account_id: account,
  chatgpt_plan_type: 'plus',
  chatgpt_user_id: 'user-1',
  user_id: 'user-1',
});

export const idToken = (account: string, email = 'you@example.test'): string =>
  jwt({
    aud: ['app'],
    exp: 4_000_000_000,
    iat: 1,
    iss: 'https://auth.openai.com',
    sub: 'user-1',
    email,
    'https://api.openai.com/auth': auth(account),
  });

export const accessToken = ({
  issuedAt,
  expiresAt,
  account,
  id,
}: {
  readonly issuedAt: number | undefined;
  readonly expiresAt: number;
  readonly account: string;
  readonly id: string;
}): string =>
  jwt({
    ...(issuedAt !== undefined && { iat: Math.floor(issuedAt / 1_000) }),
    exp: Math.floor(expiresAt / 1_000),
    jti: `CANARY-${id}`,
    aud: ['https://api.openai.com/v1'],
    iss: 'https://auth.openai.com',
    sub: 'user-1',
    'https://api.openai.com/auth': auth(account),
  });
