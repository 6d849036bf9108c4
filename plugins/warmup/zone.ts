import type { Instant } from '../../sdk/contract/session.ts';

const DAY_MS = 86_400_000;

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
    second: 'numeric',
  });
  function wallAt(at: Instant): number {
    const shown = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
    const time = [part('hour'), part('minute'), part('second')] as const;
    return Date.UTC(part('year'), part('month') - 1, part('day'), ...time);
  }
  const aheadAt = (at: Instant) => wallAt(at) - Math.floor(at / 1_000) * 1_000;
  return {
    wallAt,
    instantOf(wall) {
      const [before, after] = [wall - DAY_MS, wall + DAY_MS];
      const [first, second] = [wall - aheadAt(before), wall - aheadAt(after)];
      const shown = [Math.min(first, second), Math.max(first, second)].find(at => wallAt(at) === wall);
      return shown ?? changeBetween(before, after, aheadAt);
    },
  };
}

/** The second at which the clocks change. */
function changeBetween(from: Instant, to: Instant, aheadAt: (at: Instant) => number): Instant {
  const before = aheadAt(from);
  let [low, high] = [Math.floor(from / 1_000), Math.ceil(to / 1_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (aheadAt(middle * 1_000) === before) low = middle;
    else high = middle;
  }
  return high * 1_000;
}
