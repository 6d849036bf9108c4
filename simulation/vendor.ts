import type { Random } from './world/random.ts';
import type { Timeline } from './world/timeline.ts';

/** A login that a vendor has issued, and what became of its refresh tokens. */
export type Family = {
  readonly account: string;
  current: string;
  /** The spent tokens, with the answer to each: some vendors repeat it for a moment. */
  readonly spent: Map<string, { readonly answer: string; readonly at: number }>;
  endedBy: string | undefined;
  accessEndsAt: number;
};

export type Exchange = { readonly at: number; readonly by: string; readonly account: string; readonly token: string; readonly result: 'renewed' | 'repeated' | 'reused' | 'ended' | 'unknown' };

type Options = {
  /** How long an access token lives, in milliseconds. */
  readonly lifeMs: number;
  /** How long a spent token gets its answer again. Later it ends the login. */
  readonly graceMs: number;
};

/** The token endpoint of a vendor whose refresh tokens work once. A reused one ends the login for good. */
export class Vendor {
  readonly families: Family[] = [];
  readonly exchanges: Exchange[] = [];
  /** All tokens that it has issued, which must not be seen anywhere but in a credential store. */
  readonly secrets = new Set<string>();
  onExchange: (exchange: Exchange) => void = () => undefined;

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    private readonly options: Options,
  ) {}

  signIn(account: string): { readonly access: string; readonly refresh: string; readonly expiresAt: number } {
    const family: Family = { account, current: '', spent: new Map(), endedBy: undefined, accessEndsAt: 0 };
    this.families.push(family);
    const { access, refresh } = this.#issue(family);
    return { access, refresh, expiresAt: family.accessEndsAt };
  }

  /** Answers a refresh request of `by`. */
  answer(token: string, by: string): { readonly status: number; readonly body: string } {
    const family = this.families.find(({ current, spent }) => current === token || spent.has(token));
    const record = (result: Exchange['result']) => {
      const exchange = { at: this.timeline.now, by, account: family?.account ?? '', token, result };
      this.exchanges.push(exchange);
      this.onExchange(exchange);
    };
    const refuse = { status: 400, body: '{"error":"invalid_grant"}' };
    if (!family) return record('unknown'), refuse;
    if (family.endedBy !== undefined) return record('ended'), refuse;
    const before = family.spent.get(token);
    if (!before) {
      const answer = this.#renew(family, token);
      return record('renewed'), { status: 200, body: answer };
    }
    if (this.timeline.now - before.at <= this.options.graceMs && [...family.spent.keys()].at(-1) === token)
      return record('repeated'), { status: 200, body: before.answer };
    family.endedBy = by;
    return record('reused'), refuse;
  }

  #renew(family: Family, token: string): string {
    const { access, refresh } = this.#issue(family);
    const answer = JSON.stringify({
      access_token: access,
      refresh_token: refresh,
      token_type: 'bearer',
      expires_in: Math.round(this.options.lifeMs / 1_000),
    });
    family.spent.set(token, { answer, at: this.timeline.now });
    return answer;
  }

  #issue(family: Family): { readonly access: string; readonly refresh: string } {
    const secret = (kind: string) => {
      const text = `${kind}-${this.random.bytes(18).toString('base64url')}`;
      this.secrets.add(text);
      return text;
    };
    const [access, refresh] = [secret('at'), secret('rt')];
    family.current = refresh;
    family.accessEndsAt = this.timeline.now + this.options.lifeMs;
    return { access, refresh };
  }
}
