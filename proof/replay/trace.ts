/** One step of the model, and the state after it. */
export type Step = {
  /** 0 and 1: the daemons. 2: the program that owns the file. 9: chance. */
  readonly who: number;
  readonly what: string;
  readonly file: number;
  /** Who holds the lock; 7: no program, or one that has ended. */
  readonly lock: number;
  readonly now: number;
  /** What each daemon has on its disk about the tokens in `TOKENS`. */
  readonly notes: readonly [string, string];
  /** Where the attempt is, and what it established. */
  readonly at: string;
  readonly outcome: string;
};

export type Trace = { readonly hasGrace: boolean; readonly steps: readonly Step[] };

/** The tokens that a trace may have. From `SECOND` on, they are of the second sign-in. */
export const TOKENS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
export const SECOND = 6;

const LINE = /@ (\d) (\w+) (\d+) (\d+) (\d+) (\d{10}) (\d{10}) (\w+) (\w+) ([01])/;

export const endsTrace = (line: string): boolean => line.includes('@ 9 again');

/** Reads what spin prints while it simulates the model. A line `again` begins another trace. */
export function* tracesIn(lines: Iterable<string>): Generator<Trace> {
  let steps: Step[] = [];
  let hasGrace = false;
  for (const line of lines) {
    if (endsTrace(line)) {
      yield { hasGrace, steps };
      steps = [];
    }
    const step = LINE.exec(line);
    if (!step) continue;
    const [, who, what = '', file, lock, now, first = '', second = '', at = '', outcome = '', grace] = step;
    hasGrace = grace === '1';
    const numbers = { who: Number(who), file: Number(file), lock: Number(lock), now: Number(now) };
    steps.push({ ...numbers, what, notes: [first, second], at, outcome });
  }
}
