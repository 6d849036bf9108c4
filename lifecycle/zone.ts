const UTC_NAMES = /^:?(?:UTC|UCT|GMT|WET|Z)?[+-]?0*$/i;

/** The minutes by which local time is behind UTC, as `Date#getTimezoneOffset` returns them. */
type OffsetAt = (at: Date) => number;

const ofThisProcess: OffsetAt = at => at.getTimezoneOffset();

/** The value of `TZ` if Node does not know it and uses UTC instead. */
export function unknownZone(
  name: string | undefined = process.env['TZ'],
  offsetAt: OffsetAt = ofThisProcess,
): string | undefined {
  if (name === undefined || UTC_NAMES.test(name)) return undefined;
  const seasons = [0, 6].map(month => new Date(Date.UTC(2026, month)));
  if (seasons.some(at => offsetAt(at) !== 0)) return undefined;
  // UTC all year is right for some zones, such as Africa/Abidjan.
  return seasons.every(at => isAtUtc(name.replace(/^:/, ''), at))
    ? undefined
    : name.replaceAll(/[^\w/+:<>.,-]/g, '?').slice(0, 60);
}

function isAtUtc(timeZone: string, at: Date): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' }).format(at) === '00:00';
  } catch {
    return false;
  }
}

/** Of this process: Node reads `TZ` at its start. */
export const UNKNOWN_ZONE = unknownZone();
