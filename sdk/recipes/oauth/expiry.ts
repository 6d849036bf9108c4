import { readInstant, type JsonObject } from '../store/json-store.ts';

const DAY_S = 86_400;
/** The longest life of an access token. A larger number is a mistake, or means that it never ends. */
const LONGEST_S = 20 * 365 * DAY_S;
const THOUSANDS = /^\d{1,3}(,\d{3})+$/;
const WITH_UNIT = /^(\d{1,12}(?:\.\d{1,9})?) ?s(?:ec(?:onds?)?)?$/i;

/** When the new access token expires; undefined if the reply has no plausible life or time. */
export function expiryOf(reply: JsonObject, at: Date): Date | undefined {
  const seconds = secondsOf(reply['expires_in']);
  const end = seconds === undefined ? readInstant(reply['expires_at']) : new Date(at.getTime() + seconds * 1_000);
  return end && end > at && end.getTime() - at.getTime() <= LONGEST_S * 1_000 ? end : undefined;
}

function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'string') return secondsOf(numberOf(value.trim()));
  if (typeof value !== 'number' || !(value > 0) || value > LONGEST_S * 1_000) return undefined;
  return isMilliseconds(value) ? value / 1_000 : value;
}

function numberOf(text: string): number {
  if (text === '') return Number.NaN;
  return Number(THOUSANDS.test(text) ? text.replaceAll(',', '') : (WITH_UNIT.exec(text)?.[1] ?? text));
}

/** Above this, a whole number of days in milliseconds is not taken for seconds. */
const LONG_S = 400 * DAY_S;

/**
 * Some vendors write milliseconds. Such a number is odd as seconds (weeks, but not whole days) and a whole number of
 * minutes as milliseconds. A wrong guess renews too often. To take milliseconds for seconds would renew too late.
 */
const isMilliseconds = (value: number): boolean =>
  value > LONGEST_S || (value >= 900_000 && value % 60_000 === 0 && (value % DAY_S !== 0 || value > LONG_S));
