import { LINK_LIFE_MS } from '../sdk/system/link-files.ts';
import { digest, secret } from './page-cookie.ts';

/** Valid links at one time. Above it, the oldest becomes invalid. */
const MAX_LINKS = 32;

/** Where a link leads: a place on the page, empty or a fragment; and the frontend, unless it is the settings page. */
export type Place = { readonly fragment: string; readonly page?: string | undefined };

/** The codes of links that were not used yet. */
export class LinkCodes {
  readonly #codes = new Map<string, { readonly until: number; readonly place: Place }>();

  constructor(private readonly now: () => number) {}

  mint(place: Place): string {
    for (const [key, { until }] of this.#codes) if (until < this.now()) this.#codes.delete(key);
    const code = secret();
    this.#codes.set(digest(code), { until: this.now() + LINK_LIFE_MS, place });
    const [oldest] = this.#codes.keys();
    if (oldest !== undefined && this.#codes.size > MAX_LINKS) this.#codes.delete(oldest);
    return code;
  }

  /** The place of a valid code, which is spent with that. Undefined if it was not valid. */
  spend(code: string): Place | undefined {
    const key = digest(code);
    const link = this.#codes.get(key);
    this.#codes.delete(key);
    return link && link.until >= this.now() ? link.place : undefined;
  }

  /** Makes all links invalid. */
  clear(): void {
    this.#codes.clear();
  }
}
