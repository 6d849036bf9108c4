import { SECOND } from './trace.ts';

/** The vendor of the model: it rotates each token, and revokes the family of one that is used again. */
export class Vendor {
  readonly #live = new Map([[0, 1]]);
  readonly #revoked = new Set<number>();
  readonly #issued = new Map([[1, 0]]);
  #rotatedAt = 0;

  constructor(private readonly hasGrace: boolean) {}

  signIn(now: number): void {
    this.#live.set(1, SECOND);
    this.#issued.set(SECOND, now);
  }

  hasIssued(token: number): boolean {
    return this.#issued.has(token);
  }

  issuedAt(token: number): number {
    return this.#issued.get(token) ?? 0;
  }

  /** The successor of a token; undefined if it is refused. */
  redeem(token: number, now: number): number | undefined {
    const family = token < SECOND ? 0 : 1;
    const live = this.#live.get(family);
    if (this.#revoked.has(family)) return undefined;
    if (token === live) {
      this.#rotatedAt = now;
      this.#live.set(family, token + 1);
      this.#issued.set(token + 1, now);
      return token + 1;
    }
    if (this.hasGrace && token + 1 === live && this.#rotatedAt === now) return live;
    this.#revoked.add(family);
    return undefined;
  }
}
