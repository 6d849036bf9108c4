const MASK = '[secret]';
/** Shorter values would mask ordinary words. */
const MIN_LENGTH = 8;
/** Enough for the tokens of every session, old and new; a daemon that runs for months must not keep them all. */
const MAX_KNOWN = 2_000;

/** What secrets look like, for those nobody told us of. */
const SHAPES: readonly RegExp[] = [
  /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
  /\b(?:sk|rt|pk|gh[opsu]|ya29|xox[abps])[-_.][\w.\-/]{8,}/g,
  /\b1\/\/[\w-]{10,}/g,
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /((?:access|refresh|id|session|auth)[-_]?token|client[-_]?secret|password|api[-_]?key|authorization|set-cookie|cookie)(["']?\s*[=:]\s*["']?)(?!\[secret\])[^\s"'&,;}]{4,}/gi,
];

/** Takes secrets out of text: the values it was told, and whatever has the shape of one. */
export class Scrubber {
  readonly #known = new Set<string>();

  /** Arrow functions, so that they can be handed to plugins and the log as they are. */
  readonly conceal = (secret: string): void => {
    if (secret.length < MIN_LENGTH) return;
    this.#known.delete(secret);
    this.#known.add(secret);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  };

  readonly scrub = (text: string): string => {
    let clean = text;
    for (const secret of this.#known) if (clean.includes(secret)) clean = clean.replaceAll(secret, MASK);
    for (const shape of SHAPES) clean = clean.replace(shape, maskShape);
    return clean;
  };
}

/** Keeps the label in front of a secret (`Bearer`, `token=`), so that the line still says what was there. */
function maskShape(_match: string, ...groups: unknown[]): string {
  const [label, separator] = groups;
  if (typeof label !== 'string') return MASK;
  return typeof separator === 'string' ? `${label}${separator}${MASK}` : `${label} ${MASK}`;
}
