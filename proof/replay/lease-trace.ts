/** One step of the model of the lease, and the state after it. */
export type LeaseStep = {
  /** The machine. Time passes for all of them. */
  readonly who: number;
  readonly what: string;
  /** The row of the login: which machine has it (7: none), its epoch, and whether the token is recorded as spent. */
  readonly holder: number;
  readonly epoch: number;
  readonly isSpent: boolean;
  /** Whether this machine counts as alive in the database. */
  readonly isAlive: boolean;
  /** What each machine believes: it may send. */
  readonly rights: string;
  /** Where the attempt of this machine is. */
  readonly at: string;
};

const LINE = /@ (\d) (\w+) (\d) (\d+) ([01]) ([01]) ([01]{3}) (\w+)/;
const END = '@ end';

export const endsLeaseTrace = (line: string): boolean => line === END;

/** Reads recorded walks. */
export function* leaseTracesIn(lines: Iterable<string>): Generator<readonly LeaseStep[]> {
  let steps: LeaseStep[] = [];
  for (const line of lines) {
    if (endsLeaseTrace(line)) {
      yield steps;
      steps = [];
    }
    const step = LINE.exec(line);
    if (!step) continue;
    const [, who, what = '', holder, epoch, spent, alive, rights = '', at = ''] = step;
    const numbers = { who: Number(who), holder: Number(holder), epoch: Number(epoch) };
    steps.push({ ...numbers, what, isSpent: spent === '1', isAlive: alive === '1', rights, at });
  }
}
