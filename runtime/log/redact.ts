import { clause } from '../../sdk/wording/sentence.ts';
import { KnownValues, MIN_LENGTH } from './known-values.ts';

const MASK = '[secret]';
/** Enough for old and new tokens of all sessions. A daemon that runs for months must not keep them all. */
const MAX_KNOWN = 4_000;

/** Names of members and parameters that hold secrets. */
const NAME =
  '(?:access|refresh|id|session|auth)[-_]?token|client[-_]?secret|password|api[-_]?key|authorization|set-cookie|cookie';
const IS_NAME = new RegExp(`^(?:${NAME})$`, 'i');

const DOMAIN = '[\\w-]{1,63}(?:\\.[\\w-]{1,63}){0,8}\\.[a-z]{2,24}\\b';

/**
 * Patterns for secrets that no plugin registered, and for e-mail addresses. A text may be hostile and a megabyte long,
 * so no part of a pattern rescans what another part has read: each runs in linear time.
 */
const SHAPES: readonly RegExp[] = [
  // One try per run of letters, and only if a dot ends it.
  /(?<![\w-])(?=[\w-]+\.[\w-]{4})([\w-]*?\b)()eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
  /\b(?:sk|rt|pk|gh[opsu]|ya29|xox[abps])[-_.][\w.\-/]{8,}/g,
  /\b1\/\/[\w-]{10,}/g,
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  // JSON may be quoted within JSON, as in the message of an error: then the quotes have backslashes.
  /\b((?:set-)?cookie)(["'\\]*\s*[=:][\s"'\\]*)(?!\[secret\])[^\s"'\\}][^"'\\\r\n}]{3,}/gi,
  new RegExp(`(${NAME})(["'\\\\]*\\s*[=:]\\s*["'\\\\]*)(?!\\[secret\\])[^\\s"'\\\\&,;}]{4,}`, 'gi'),
  new RegExp(`(?<![\\w.+-])(?=[\\w.+-]+@)([.+-]*)()\\w[\\w.+-]*@${DOMAIN}(?:[.+-][\\w.+-]*@${DOMAIN})*`, 'gi'),
];

/** Removes secrets from text: registered values, and everything that looks like a secret. */
export class Scrubber {
  readonly #known = new KnownValues(MAX_KNOWN);

  /** Arrow functions, because plugins and the log call them without the object. */
  readonly conceal = (secret: string): void => {
    if (secret.length < MIN_LENGTH) return;
    for (const form of formsOf(secret)) this.#known.add(form);
  };

  readonly scrub = (text: string): string => {
    let clean = this.#known.replaceIn(text, MASK);
    for (const shape of SHAPES) clean = clean.replace(shape, maskShape);
    return clean;
  };

  /** The same for all strings in a JSON value. */
  readonly clean = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value), (name, member: unknown) => {
      if (typeof member !== 'string') return member;
      return IS_NAME.test(name) ? MASK : this.scrub(member);
    });
}

/**
 * The forms of a secret: unchanged, escaped as in JSON (and therefore in log lines), encoded as in URLs, and as in a
 * sentence: on one line, and without its last stop, which may be that of the sentence.
 */
function formsOf(secret: string): ReadonlySet<string> {
  const inSentence = clause(secret);
  return new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...(/\p{Surrogate}/u.test(secret) ? [] : [encodeURIComponent(secret)]),
    ...(inSentence.length < MIN_LENGTH ? [] : [inSentence, JSON.stringify(inSentence).slice(1, -1)]),
  ]);
}

/** Keeps the label of a secret (`Bearer`, `token=`), so that the line still shows what it was. */
function maskShape(_match: string, ...groups: unknown[]): string {
  const [label, separator] = groups;
  if (typeof label !== 'string') return MASK;
  return typeof separator === 'string' ? `${label}${separator}${MASK}` : `${label} ${MASK}`;
}
