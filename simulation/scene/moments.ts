import { isRecord } from '../../sdk/base/json.ts';
import type { Notification } from '../cast/daemon.ts';
import type { Interrupt } from '../world/program.ts';

/**
 * What a trouble waits for: the clients of the daemon see that an attempt begins, it gets the lease of a login that
 * another machine holds too, it takes a lock, its request reaches the vendor, it puts a file in place, or its clients
 * see how an attempt ended.
 */
export type Moment = 'attempt' | 'lease' | 'lock' | 'sent' | 'rename' | 'seen';

/** So many calls to the disk from now on, or from the next such moment. */
export type Aim = { readonly from: Moment | 'now'; readonly calls: number };

type Waiting = { readonly aim: Aim; left: number; counts: boolean; readonly act: () => 'before' | 'after' | undefined };

/** Whether clients see in this notification that an attempt begins. */
export const isBegun = ({ method, params: { state } }: Seen): boolean =>
  method === 'session/didChange' && isRecord(state) && state['name'] === 'refreshing';

type Seen = Pick<Notification, 'method' | 'params'>;

/** The moments in which troubles meet a daemon. They wait for it also when it is started again. */
export class Moments {
  #waiting: Waiting[] = [];

  /** `soon` runs something after what happens now. `end` ends the daemon. */
  constructor(
    private readonly soon: (run: () => void) => void,
    private readonly end: () => void,
  ) {}

  /** Calls `act` at an aim. It may have the daemon end, before or after its call to the disk. */
  at(aim: Aim, act: Waiting['act']): void {
    this.#waiting.push({ aim, left: aim.calls, counts: aim.from === 'now', act });
  }

  /** The calls to the disk are counted from now on, for those that wait for this moment. */
  reached(moment: Moment): void {
    for (const each of this.#waiting) if (each.aim.from === moment) each.counts = true;
    for (const { act } of this.#take(({ aim, counts }) => counts && aim.calls === 0))
      this.soon(() => {
        if (act() !== undefined) this.end();
      });
  }

  /** Clients have received a notification. */
  noticed(notification: Seen): void {
    if (notification.method === 'session/didAttempt') this.reached('seen');
    if (isBegun(notification)) this.reached('attempt');
  }

  /** Asked at each call to the disk. */
  readonly interrupt: Interrupt = (call, path) => {
    if (!CHANGES.has(call)) return undefined;
    if (call === 'rename') this.reached('rename');
    if (call === 'mkdir' && path?.endsWith('.lock')) this.reached('lock');
    for (const each of this.#waiting) if (each.counts) each.left -= 1;
    const due = this.#take(({ counts, left }) => counts && left <= 0);
    return due.map(({ act }) => act()).find(end => end !== undefined);
  };

  #take(isDue: (waiting: Waiting) => boolean): readonly Waiting[] {
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter(each => !due.includes(each));
    return due;
  }
}

/** The calls that change a disk. */
const CHANGES = new Set([
  'write',
  'fsync',
  'rename',
  'unlink',
  'mkdir',
  'rmdir',
  'ftruncate',
  'open',
  'writeFile',
  'rm',
  'utimes',
]);
