/** Values have at least so many characters. Shorter ones would be found in ordinary words. */
export const MIN_LENGTH = 8;

/** Values that are known to be secret, found in a text in one pass, however many they are. */
export class KnownValues {
  /** In the order in which they were last added. */
  readonly #values = new Set<string>();
  /** By their ends, because tokens of a vendor often begin alike. */
  readonly #byEnd = new Map<string, Set<string>>();
  /** How many values end like this, by a hash of their last characters. Most places of a text are ruled out by it. */
  readonly #ends = new Uint16Array(0x1_0000);

  /** The oldest of more than `maxCount` values is forgotten. */
  constructor(private readonly maxCount: number) {}

  add(value: string): void {
    if (value.length < MIN_LENGTH) return;
    if (!this.#values.delete(value)) this.#index(value);
    this.#values.add(value);
    const [oldest] = this.#values;
    if (this.#values.size > this.maxCount && oldest !== undefined) this.#forget(oldest);
  }

  /** Replaces each part of a text that is covered by values, which may overlap. */
  replaceIn(text: string, mask: string): string {
    let clean = '';
    let kept = 0;
    for (const { from, to } of this.#coveredIn(text)) {
      clean += text.slice(kept, from) + mask;
      kept = to;
    }
    return kept === 0 ? text : clean + text.slice(kept);
  }

  /** The covered parts, from the end of each to its start, in the order of the text. */
  #coveredIn(text: string): readonly Part[] {
    const parts: Part[] = [];
    let hash = 0;
    for (let at = 0; at < text.length; at += 1) {
      hash = hashWith(hash, text.charCodeAt(at));
      if (this.#ends[hash] === 0) continue;
      const to = at + 1;
      const from = to - this.#longestBefore(text, to);
      if (from < to) join(parts, { from, to });
    }
    return parts;
  }

  /** The length of the longest value that ends there; 0 if none does. */
  #longestBefore(text: string, to: number): number {
    let longest = 0;
    for (const value of this.#byEnd.get(endOf(text.slice(0, to))) ?? [])
      if (value.length > longest && text.startsWith(value, to - value.length)) longest = value.length;
    return longest;
  }

  #index(value: string): void {
    const end = endOf(value);
    this.#byEnd.set(end, (this.#byEnd.get(end) ?? new Set()).add(value));
    this.#count(value, 1);
  }

  #forget(value: string): void {
    const end = endOf(value);
    const alike = this.#byEnd.get(end);
    alike?.delete(value);
    if (alike?.size === 0) this.#byEnd.delete(end);
    this.#values.delete(value);
    this.#count(value, -1);
  }

  #count(value: string, more: number): void {
    const hash = hashOf(value);
    this.#ends[hash] = (this.#ends[hash] ?? 0) + more;
  }
}

type Part = { readonly from: number; readonly to: number };

/** Adds a part that ends last, joined with those that it overlaps. */
function join(parts: Part[], { from, to }: Part): void {
  let start = from;
  for (let last = parts.at(-1); last && last.to > start; last = parts.at(-1)) {
    start = Math.min(start, last.from);
    parts.pop();
  }
  parts.push({ from: start, to });
}

const endOf = (value: string): string => value.slice(-MIN_LENGTH);

/** A hash, of 16 bits, of the last four characters, of which this is the last one. */
const hashWith = (hash: number, character: number): number => ((hash << 4) ^ character) & 0xffff;

function hashOf(value: string): number {
  let hash = 0;
  for (let at = 0; at < value.length; at += 1) hash = hashWith(hash, value.charCodeAt(at));
  return hash;
}
