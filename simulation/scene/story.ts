import type { Timeline } from '../world/timeline.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** What happened, line by line. The same seed tells the same story, byte for byte. */
export class Story {
  readonly lines: string[] = [];

  constructor(
    private readonly timeline: Timeline,
    private readonly start: number,
    private readonly onLine: (line: string) => void = () => undefined,
  ) {}

  tell(who: string, what: string): void {
    const date = new Date(this.timeline.now);
    const day = 1 + Math.floor((this.timeline.now - this.start) / 86_400_000);
    const line = `day ${day}, ${DAYS[date.getUTCDay()]} ${date.toISOString().slice(11, 23)} ${who} ${what}`;
    this.lines.push(line);
    this.onLine(line);
  }
}
