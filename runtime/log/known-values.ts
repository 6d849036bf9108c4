/** Values have at least so many characters. Shorter ones would be found in ordinary words. */
export const MIN_LENGTH = 8;

/**
 * Values that are known to be secret. However many they are, one pass over a text finds those that may be in it, and
 * only these are then looked for.
 */
export class KnownValues {
  /** In the order in which they were last added. */
  readonly #values = new Set<string>();
  /** By their last characters, because tokens of a vendor often begin alike. */
  readonly #byEnd = new Map<string, Set<string>>();
  /** For each hash, how many values have it for their last characters. It rules out most places of a text. */
  readonly #hashes = new Uint16Array(0x1_0000);

  /** The oldest of more than `maxCount` values is forgotten. There may be at most 65,535. */
  constructor(private readonly maxCount: number) {}

  add(value: string): void {
    if (value.length < MIN_LENGTH) return;
    if (!this.#values.delete(value)) this.#index(value);
    this.#values.add(value);
    const [oldest] = this.#values;
    if (this.#values.size > this.maxCount && oldest !== undefined) this.#forget(oldest);
  }

  /** Replaces every part of a text that values cover. Values that overlap are replaced together. */
  replaceIn(text: string, mask: string): string {
    const parts = this.#candidatesIn(text).flatMap(value => [...partsOf(text, value)]);
    let clean = '';
    let kept = 0;
    for (const { from, to } of parts.toSorted((one, other) => one.from - other.from)) {
      if (from >= kept) clean += text.slice(kept, from) + mask;
      kept = Math.max(kept, to);
    }
    return clean + text.slice(kept);
  }

  /** The values whose ends are in a text. */
  #candidatesIn(text: string): readonly string[] {
    const found = new Set<ReadonlySet<string>>();
    let hash = 0;
    for (let at = 0; at < text.length; at += 1) {
      hash = hashWith(hash, text.charCodeAt(at));
      if (this.#hashes[hash] === 0) continue;
      const values = this.#byEnd.get(endOf(text.slice(0, at + 1)));
      if (values) found.add(values);
    }
    return [...found].flatMap(values => [...values]);
  }

  #index(value: string): void {
    const end = endOf(value);
    this.#byEnd.set(end, (this.#byEnd.get(end) ?? new Set()).add(value));
    this.#count(end, 1);
  }

  #forget(value: string): void {
    const end = endOf(value);
    const alike = this.#byEnd.get(end);
    alike?.delete(value);
    if (alike?.size === 0) this.#byEnd.delete(end);
    this.#values.delete(value);
    this.#count(end, -1);
  }

  #count(end: string, more: number): void {
    const hash = hashOf(end);
    this.#hashes[hash] = (this.#hashes[hash] ?? 0) + more;
  }
}

type Part = { readonly from: number; readonly to: number };

/** Where a value is in a text. */
function* partsOf(text: string, value: string): Generator<Part> {
  for (let from = text.indexOf(value); from >= 0; from = text.indexOf(value, from + value.length))
    yield { from, to: from + value.length };
}

const endOf = (value: string): string => value.slice(-MIN_LENGTH);

/** A hash, of 16 bits, of the last four characters, of which this is the last one. */
const hashWith = (hash: number, character: number): number => ((hash << 4) ^ character) & 0xffff;

function hashOf(end: string): number {
  let hash = 0;
  for (let at = 0; at < end.length; at += 1) hash = hashWith(hash, end.charCodeAt(at));
  return hash;
}
