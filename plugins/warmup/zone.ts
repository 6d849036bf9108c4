import type { Instant } from '../../sdk/contract/session.ts';

/** In every zone, the clocks change at a whole quarter of an hour. */
const QUARTER_MS = 15 * 60_000;
const PER_DAY = 96;

/** How many quarters are remembered. A format takes a tenth of a millisecond. */
const MAX_KNOWN = 2_000;

/** The clock of a zone. */
export type ZoneClock = {
  /** What a clock on the wall shows, as if it were UTC. */
  readonly wallAt: (at: Instant) => number;
  /**
   * When a clock on the wall shows this. Where it shows it twice, the first time. Where it leaves it out, the time at
   * which it goes on.
   */
  readonly instantOf: (wall: number) => Instant;
};

/** Formats are slow to make. */
const clocks = new Map<string | undefined, ZoneClock>();

/** The clock of a zone, or of the machine's own. */
export function zoneClock(timezone: string | undefined): ZoneClock {
  const clock = clocks.get(timezone) ?? clockOf(timezone);
  clocks.set(timezone, clock);
  return clock;
}

function clockOf(timezone: string | undefined): ZoneClock {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  function measured(quarter: number): number {
    const at = quarter * QUARTER_MS;
    const shown = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - at;
  }
  const ahead = new Map<number, number>();
  function aheadAt(quarter: number): number {
    const known = ahead.get(quarter) ?? measured(quarter);
    if (ahead.size >= MAX_KNOWN) ahead.clear();
    ahead.set(quarter, known);
    return known;
  }
  const wallAt = (at: Instant) => at + aheadAt(Math.floor(at / QUARTER_MS));
  return {
    wallAt,
    instantOf(wall) {
      const quarter = Math.floor(wall / QUARTER_MS);
      const [before, after] = [quarter - PER_DAY, quarter + PER_DAY];
      const [first, second] = [wall - aheadAt(before), wall - aheadAt(after)];
      const shown = [Math.min(first, second), Math.max(first, second)].find(at => wallAt(at) === wall);
      return shown ?? changeBetween(before, after, aheadAt) * QUARTER_MS;
    },
  };
}

/** The quarter of an hour at which the clocks change. */
function changeBetween(from: number, to: number, aheadAt: (quarter: number) => number): number {
  const before = aheadAt(from);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (aheadAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
