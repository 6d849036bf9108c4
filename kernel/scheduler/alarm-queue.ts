import TinyQueue from 'tinyqueue';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Instant } from '../../sdk/contract/session.ts';

type Task = () => void;

/** The heap is rebuilt when more than this number of its times, and more than half of them, have no alarm. */
const MAX_EMPTY = 64;

/**
 * Alarms ordered by time. Alarms with equal times keep the order in which they were added.
 *
 * The heap holds only times. The alarms of one time form a ring, so many that are due at once cost one step each.
 */
export class AlarmQueue {
  /** Each time that has an alarm, and times whose alarms were cancelled: a heap cannot remove from its middle. */
  #times = new TinyQueue<Instant>();
  readonly #firsts = new Map<Instant, Alarm>();

  /** Returns a function that cancels the alarm. */
  add(at: Instant, task: Task): Cleanup {
    const alarm = new Alarm(task);
    const first = this.#firsts.get(at);
    if (first) alarm.join(first);
    else {
      this.#firsts.set(at, alarm);
      this.#times.push(at);
    }
    // Half the memory of a closure, and a session holds nothing bigger for its alarm.
    return this.#cancel.bind(this, at, alarm);
  }

  /** The number of times in the heap. */
  get size(): number {
    return this.#times.length;
  }

  /** The time of the first alarm. */
  get first(): Instant | undefined {
    for (let at = this.#times.peek(); at !== undefined; at = this.#times.peek()) {
      if (this.#firsts.has(at)) return at;
      this.#times.pop();
    }
    return undefined;
  }

  /** Takes the first alarm if it is due. */
  takeDue(now: Instant): Task | undefined {
    const at = this.first;
    if (at === undefined || at > now) return undefined;
    const alarm = this.#firsts.get(at);
    const task = alarm?.task;
    if (alarm) this.#remove(at, alarm);
    return task;
  }

  clear(): void {
    this.#times = new TinyQueue();
    this.#firsts.clear();
  }

  #cancel(at: Instant, alarm: Alarm): void {
    this.#remove(at, alarm);
    this.#forgetEmptyTimes();
  }

  #remove(at: Instant, alarm: Alarm): void {
    if (!alarm.task) return;
    alarm.task = undefined;
    if (this.#firsts.get(at) === alarm) {
      if (alarm.next === alarm) this.#firsts.delete(at);
      else this.#firsts.set(at, alarm.next);
    }
    alarm.leave();
  }

  #forgetEmptyTimes(): void {
    const empty = this.#times.length - this.#firsts.size;
    if (empty > MAX_EMPTY && empty > this.#firsts.size) this.#times = new TinyQueue([...this.#firsts.keys()]);
  }
}

/** A member of the ring of alarms with one time. The alarm before the first is the last. */
class Alarm {
  previous: Alarm = this;
  next: Alarm = this;

  /** `task` is absent once the alarm was cancelled or taken. */
  constructor(public task: Task | undefined) {}

  /** Joins the ring as its last member. */
  join(first: Alarm): void {
    this.previous = first.previous;
    this.next = first;
    this.previous.next = this;
    first.previous = this;
  }

  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
  }
}
