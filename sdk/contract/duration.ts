/** A duration as text: `90s`, `30m`, `1h`, `7d`. The compiler checks its form. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The form of a duration, as a regular expression. */
export const DURATION_FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Whether the text is a duration: a non-negative number and one of the units ms, s, m, h, d. */
export const isDuration = (text: string): text is Duration => DURATION_FORM.test(text);

/** The duration in milliseconds. Throws a RangeError for text that is not a duration. */
export function toMs(duration: Duration): number {
  const [, amount, unit] = DURATION_FORM.exec(duration) ?? [];
  const factor = UNITS[unit ?? ''];
  if (amount === undefined || factor === undefined) {
    throw new RangeError(`"${duration}" is not a duration. Write a number and a unit: 500ms, 90s, 30m, 1h, 7d.`);
  }
  return Number(amount) * factor;
}
