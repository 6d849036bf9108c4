import TinyQueue from 'tinyqueue';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Instant } from '../../sdk/contract/session.ts';

type Task = () => void;
/** `task` is absent once the alarm was cancelled or taken. */
type Alarm = { readonly at: Instant; readonly order: number; task?: Task | undefined };

/** The queue is rebuilt without its cancelled alarms when they exceed this number and half of the queue. */
const MAX_CANCELLED = 64;

/** Alarms ordered by time. Alarms with equal times keep the order in which they were added. */
export class AlarmQueue {
  #queue = new TinyQueue<Alarm>([], byTime);
  #order = 0;
  /** Cancelled alarms that are still in the queue: it cannot remove from its middle. */
  #cancelled = 0;

  /** Returns a function that cancels the alarm. */
  add(at: Instant, task: Task): Cleanup {
    const alarm: Alarm = { at, order: this.#order++, task };
    this.#queue.push(alarm);
    return () => {
      if (!alarm.task) return;
      alarm.task = undefined;
      this.#cancelled += 1;
      if (this.#cancelled > MAX_CANCELLED && this.#cancelled > this.#queue.length / 2) this.#removeCancelled();
    };
  }

  /** The number of alarms, including cancelled ones. */
  get size(): number {
    return this.#queue.length;
  }

  /** The time of the first alarm. */
  get first(): Instant | undefined {
    return this.#peek()?.at;
  }

  /** Takes the first alarm if it is due. */
  takeDue(now: Instant): Task | undefined {
    const alarm = this.#peek();
    if (!alarm || alarm.at > now) return undefined;
    const { task } = alarm;
    alarm.task = undefined;
    this.#queue.pop();
    return task;
  }

  clear(): void {
    this.#queue = new TinyQueue<Alarm>([], byTime);
    this.#cancelled = 0;
  }

  /** Drops cancelled alarms from the front and returns the first other one. */
  #peek(): Alarm | undefined {
    for (let first = this.#queue.peek(); first; first = this.#queue.peek()) {
      if (first.task) return first;
      this.#queue.pop();
      this.#cancelled -= 1;
    }
    return undefined;
  }

  #removeCancelled(): void {
    this.#queue = new TinyQueue(
      this.#queue.data.filter(({ task }) => task),
      byTime,
    );
    this.#cancelled = 0;
  }
}

const byTime = (a: Alarm, b: Alarm): number => a.at - b.at || a.order - b.order;
