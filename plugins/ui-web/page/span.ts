import type { Duration } from '../../../sdk/contract/duration.ts';

const UNITS = {
  ms: /^(ms|milliseconds?)$/,
  s: /^(s|secs?|seconds?)$/,
  m: /^(m|mins?|minutes?)?$/,
  h: /^(h|hrs?|hours?)$/,
  d: /^(d|days?)$/,
} as const;
type Unit = keyof typeof UNITS;

const NAMES: Readonly<Record<Unit, string>> = { ms: 'ms', s: 's', m: 'min', h: 'h', d: 'days' };
const isUnit = (text: string): text is Unit => Object.hasOwn(UNITS, text);

/** What a person wrote as a length of time: `5 min`, `90s`, `1 hour`; a number alone is minutes. Undefined where it is none. */
export function parseSpan(text: string): Duration | undefined {
  const [, amount, word = ''] = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)\.?$/i.exec(text.trim()) ?? [];
  const unit = Object.keys(UNITS)
    .filter(isUnit)
    .find(unit => UNITS[unit].test(word.toLowerCase()));
  return amount === undefined || unit === undefined ? undefined : `${Number(amount.replace(',', '.'))}${unit}`;
}

/** A duration for people: `5 min`, `1 day`. */
export function showSpan(duration: string): string {
  const [, amount = '', unit = ''] = /^([\d.]+)([a-z]+)$/.exec(duration) ?? [];
  if (!isUnit(unit)) return duration;
  return `${amount} ${unit === 'd' && Number(amount) === 1 ? 'day' : NAMES[unit]}`;
}
