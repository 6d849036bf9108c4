import { readInstant, type JsonObject } from './json-store.ts';

const DAY_S = 86_400;
/** No access token lives for longer; what says so is a mistake, or means that it never ends. */
const LONGEST_S = 20 * 365 * DAY_S;
const THOUSANDS = /^\d{1,3}(,\d{3})+$/;
const WITH_UNIT = /^(\d{1,12}(?:\.\d{1,9})?) ?s(?:ec(?:onds?)?)?$/i;

/** When the new access token ends, as the reply says: in so many seconds, or at a time. Undefined where it does not say, or says nothing sensible. */
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
  return Number(THOUSANDS.test(text) ? text.replaceAll(',', '') : WITH_UNIT.exec(text)?.[1] ?? text);
}

/** Longer lives than this are whole days too when they are written in milliseconds. */
const LONG_S = 400 * DAY_S;

/**
 * Some vendors write milliseconds. As seconds these are odd: weeks, but not whole days, and as milliseconds whole minutes. Taken for seconds,
 * the token would be renewed long after its end; the other way round, only too often.
 */
const isMilliseconds = (value: number): boolean =>
  value > LONGEST_S || (value >= 900_000 && value % 60_000 === 0 && (value % DAY_S !== 0 || value > LONG_S));
