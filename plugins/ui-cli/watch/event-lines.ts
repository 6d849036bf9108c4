import type { Screen } from '../context/screen.ts';
import { paced, type SetTimer } from './pace.ts';

const TOGETHER_MS = 100;

/** Prints lines. Those that come together are one write, because a write takes longer than to make a line. */
export function createEventLines(screen: Screen, setTimer: SetTimer) {
  const waiting: string[] = [];
  const flush = () => {
    if (waiting.length > 0) screen.line(waiting.splice(0).join('\n'));
  };
  const pace = paced(flush, TOGETHER_MS, setTimer);
  return {
    print(line: string): void {
      waiting.push(line);
      pace.run();
    },
    end(): void {
      pace.stop();
      flush();
    },
  };
}
