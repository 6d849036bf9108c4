/** The client of grok at xAI, as its release 1.0.41 names it. */
export const GROK_SCOPE = 'https://auth.x.ai::b1a00492-073a-47ea-816f-4c329264a828';

export type GrokFacts = {
  readonly access?: string;
  readonly refresh?: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly account?: string;
  readonly email?: string;
  readonly issuer?: string;
};

/** The text of grok's `auth.json`. `others` are further entries. */
export function grokLogin(facts: GrokFacts, others: Readonly<Record<string, object>> = {}): string {
  const { access = 'CANARY-access', refresh = 'CANARY-refresh', issuedAt, expiresAt, account = 'user-1' } = facts;
  const entry = {
    key: access,
    auth_mode: 'oidc',
    create_time: new Date(issuedAt).toISOString(),
    user_id: account,
    email: facts.email ?? 'you@example.test',
    coding_data_retention_opt_out: true,
    refresh_token: refresh,
    expires_at: new Date(expiresAt).toISOString(),
    oidc_issuer: facts.issuer ?? 'https://auth.x.ai',
    oidc_client_id: 'b1a00492-073a-47ea-816f-4c329264a828',
  };
  return JSON.stringify({ ...others, [GROK_SCOPE]: entry }, undefined, 2);
}
