import { randomUUID } from 'node:crypto';

export type Answer = 'renewed' | 'reused' | 'revoked';
export type Tokens = {
  readonly account: string;
  readonly access: string;
  readonly refresh: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
};
/** How a token server handles a reused refresh token: it ends the login or only refuses the request. */
export type OnReuse = 'revoke' | 'reject';

type Family = { readonly account: string; current: string; revoked: boolean; readonly spent: Set<string> };

/** The logins that a vendor has issued. A refresh token works once and is then replaced. */
export function tokenFamilies(
  onReuse: OnReuse,
  writeAccess: (tokens: Omit<Tokens, 'access'>) => string,
  now: () => number = () => Date.now(),
) {
  const families = new Map<string, Family>();
  const access = new Map<string, { readonly family: Family; readonly expiresAt: number }>();
  const exchanges: { readonly account: string; readonly answer: Answer }[] = [];

  function mint(family: Family, issuedAt: number, expiresAt: number): Tokens {
    if (family.current) family.spent.add(family.current);
    family.current = `refresh-${randomUUID()}`;
    const tokens = { account: family.account, refresh: family.current, issuedAt, expiresAt };
    const written = writeAccess(tokens);
    access.set(written, { family, expiresAt });
    return { ...tokens, access: written };
  }

  function answerTo(family: Family | undefined, token: string): Answer {
    if (!family || family.revoked) return 'revoked';
    if (family.current === token) return 'renewed';
    family.revoked = onReuse === 'revoke';
    return 'reused';
  }

  const familyOf = (token: string) =>
    [...families.values()].find(({ current, spent }) => current === token || spent.has(token));

  return {
    /** The account that a refresh token belongs to, or belonged to. */
    accountOf: (token: string) => familyOf(token)?.account,
    /** Every token request and its answer. */
    exchanges: exchanges as readonly (typeof exchanges)[number][],
    /** Ages are in milliseconds. */
    signIn({ age, left }: { readonly age: number; readonly left: number }): Tokens {
      const family: Family = { account: randomUUID(), current: '', revoked: false, spent: new Set() };
      families.set(family.account, family);
      return mint(family, now() - age, now() + left);
    },
    exchange(token: string, lifeMs: number): { readonly answer: Answer; readonly tokens?: Tokens } {
      const family = familyOf(token);
      const answer = answerTo(family, token);
      exchanges.push({ account: family?.account ?? 'unknown', answer });
      return answer === 'renewed' && family ? { answer, tokens: mint(family, now(), now() + lifeMs) } : { answer };
    },
    /** Ends a login, as the vendor would. */
    end(account: string): void {
      const family = families.get(account);
      if (family) family.revoked = true;
    },
    accepts(bearer: string | undefined): boolean {
      const known = access.get(bearer?.replace('Bearer ', '') ?? '');
      return known !== undefined && !known.family.revoked && known.expiresAt > now();
    },
    /** Whether the token still keeps its login alive. */
    isAlive(account: string, refresh: string): boolean {
      const family = families.get(account);
      return family?.revoked === false && family.current === refresh;
    },
  };
}
