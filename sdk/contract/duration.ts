/** A duration as text: `90s`, `30m`, `1h`, `7d`. The compiler checks its form. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Whether the text is a duration: a non-negative number and one of the units ms, s, m, h, d. */
export const isDuration = (text: string): text is Duration => FORM.test(text);

/** The duration in milliseconds. Throws a RangeError for text that is not a duration. */
export function toMs(duration: Duration): number {
  const [, amount, unit] = FORM.exec(duration) ?? [];
  const factor = UNITS[unit ?? ''];
  if (amount === undefined || factor === undefined) {
    throw new RangeError(`"${duration}" is not a duration. Write a number and a unit: 500ms, 90s, 30m, 1h, 7d.`);
  }
  return Number(amount) * factor;
}

/** Milliseconds as a short text, in the two largest units: `2d 4h`, `3m`, `12s`. */
export function formatMs(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
