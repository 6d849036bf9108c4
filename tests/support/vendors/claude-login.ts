export type ClaudeFacts = {
  /** In milliseconds since the epoch. */
  readonly expiresAt?: number;
  readonly loginExpiresAt?: number;
  readonly access?: string;
  readonly refresh?: string;
};

/** The text of a `.credentials.json` as claude writes it. */
export function claudeLogin(
  { expiresAt = 0, loginExpiresAt, access, refresh = 'CANARY-refresh-1' }: ClaudeFacts,
  more: object = {},
  beside: object = {},
): string {
  const claudeAiOauth = {
    accessToken: access ?? `CANARY-access-of-${refresh}`,
    refreshToken: refresh,
    expiresAt,
    ...(loginExpiresAt !== undefined && { refreshTokenExpiresAt: loginExpiresAt }),
    scopes: ['user:inference', 'user:profile'],
    subscriptionType: 'pro',
    rateLimitTier: 'default_claude_ai',
    ...more,
  };
  return JSON.stringify({ claudeAiOauth, ...beside });
}

/** The file that claude leaves after it learned that the login has ended. */
export const EMPTIED = claudeLogin({ access: '', refresh: '' });
