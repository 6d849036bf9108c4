import { digest, secret } from './page-cookie.ts';

/** How long a link may be used. */
export const LINK_LIFE_MS = 60_000;
/** Valid links at one time. Above it, the oldest becomes invalid. */
const MAX_LINKS = 32;

/** The codes of links that were not used yet. */
export class LinkCodes {
  readonly #codes = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  mint(): string {
    for (const [key, until] of this.#codes) if (until < this.now()) this.#codes.delete(key);
    const code = secret();
    this.#codes.set(digest(code), this.now() + LINK_LIFE_MS);
    const [oldest] = this.#codes.keys();
    if (oldest !== undefined && this.#codes.size > MAX_LINKS) this.#codes.delete(oldest);
    return code;
  }

  /** Whether the code was valid. It is not any more. */
  spend(code: string): boolean {
    const key = digest(code);
    const until = this.#codes.get(key);
    this.#codes.delete(key);
    return until !== undefined && until >= this.now();
  }

  /** Makes all links invalid. */
  clear(): void {
    this.#codes.clear();
  }
}
