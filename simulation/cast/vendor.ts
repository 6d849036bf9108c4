import type { Random } from '../world/random.ts';
import type { Timeline } from '../world/timeline.ts';

/** A login that a vendor has issued, and what became of its refresh tokens. */
export type Family = {
  readonly account: string;
  current: string;
  /** The spent tokens, with the answer to each: some vendors repeat it for a moment. */
  readonly spent: Map<string, { readonly answer: string; readonly at: number }>;
  /** Who sent a spent token again, which ended the login. */
  endedBy: string | undefined;
  accessEndsAt: number;
};

/** A refresh request that reached the vendor, and whether its answer reached the program that sent it. */
export type Exchange = {
  readonly at: number;
  readonly sentAt: number;
  /** The program, as `laptop/keepalived`. */
  readonly by: string;
  readonly pid: number;
  readonly family: Family | undefined;
  readonly token: string;
  /** When the access token ends that the program still has. */
  readonly worksUntil: number;
  readonly result: 'renewed' | 'repeated' | 'reused' | 'refused';
  readonly successor: string | undefined;
  isDelivered: boolean;
};

export type Sender = { readonly by: string; readonly pid: number; readonly sentAt: number };

export type VendorOptions = {
  /** How long an access token lives, in milliseconds. */
  readonly lifeMs: number;
  /** How long a spent token gets its answer again. Later it ends the login. */
  readonly graceMs: number;
};

export type Issued = { readonly access: string; readonly refresh: string; readonly expiresAt: number };

/** The token endpoint of a vendor whose refresh tokens work once. A reused one ends the login for good. */
export class Vendor {
  readonly exchanges: Exchange[] = [];
  /** All tokens that it has issued. They must not be seen anywhere but in a credential store. */
  readonly secrets = new Set<string>();
  readonly #families = new Map<string, Family>();
  /** When the access token ends that was issued with a refresh token. */
  readonly #ends = new Map<string, number>();
  onExchange: (exchange: Exchange) => void = () => undefined;

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    private readonly options: VendorOptions,
  ) {}

  signIn(account: string): Issued & { readonly family: Family } {
    const family: Family = { account, current: '', spent: new Map(), endedBy: undefined, accessEndsAt: 0 };
    const { access, refresh } = this.#issue(family);
    return { access, refresh, expiresAt: family.accessEndsAt, family };
  }

  familyOf(token: string): Family | undefined {
    return this.#families.get(token);
  }

  /** When the access token ends that was issued with this refresh token. */
  accessEndOf(token: string): number {
    return this.#ends.get(token) ?? 0;
  }

  /** Answers a refresh request. */
  exchange(token: string, sender: Sender): { readonly status: number; readonly body: string; readonly made: Exchange } {
    const family = this.#families.get(token);
    const result = this.#judge(family, token);
    const body = family && result === 'renewed' ? this.#renew(family, token) : family?.spent.get(token)?.answer;
    const isGood = result === 'renewed' || result === 'repeated';
    const made: Exchange = {
      ...sender,
      at: this.timeline.now,
      family,
      token,
      worksUntil: this.accessEndOf(token),
      result,
      successor: isGood ? family?.current : undefined,
      isDelivered: false,
    };
    if (family && result === 'reused') family.endedBy = sender.by;
    this.exchanges.push(made);
    this.onExchange(made);
    return isGood ? { status: 200, body: body ?? '', made } : { status: 400, body: '{"error":"invalid_grant"}', made };
  }

  #judge(family: Family | undefined, token: string): Exchange['result'] {
    if (!family || family.endedBy !== undefined) return 'refused';
    const before = family.spent.get(token);
    if (!before) return 'renewed';
    const isLast = [...family.spent.keys()].at(-1) === token;
    return isLast && this.timeline.now - before.at <= this.options.graceMs ? 'repeated' : 'reused';
  }

  #renew(family: Family, token: string): string {
    const { access, refresh } = this.#issue(family);
    const seconds = Math.round(this.options.lifeMs / 1_000);
    const reply = { access_token: access, refresh_token: refresh, token_type: 'bearer', expires_in: seconds };
    const answer = JSON.stringify(reply);
    family.spent.set(token, { answer, at: this.timeline.now });
    return answer;
  }

  #issue(family: Family): { readonly access: string; readonly refresh: string } {
    const secret = (kind: string) => {
      const text = `${kind}-${this.random.bytes(18).toString('base64url')}`;
      this.secrets.add(text);
      return text;
    };
    const [access, refresh] = [secret('access'), secret('refresh')];
    this.#families.set(refresh, family);
    family.current = refresh;
    this.#ends.set(refresh, this.timeline.now + this.options.lifeMs);
    family.accessEndsAt = this.timeline.now + this.options.lifeMs;
    return { access, refresh };
  }
}
