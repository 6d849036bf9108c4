import { Disk } from './disk.ts';
import type { Program } from './program.ts';
import type { Random } from './random.ts';
import type { Happening, Timeline } from './timeline.ts';

/** A machine with a disk, clocks and programs. It can sleep, crash and lose its network. */
export class Machine {
  readonly disk: Disk;
  readonly programs = new Map<number, Program>();
  /** The ports that programs listen on. */
  readonly ports = new Map<number, Program>();
  /** How far the wall clock is ahead of true time, in milliseconds. */
  clockError = 0;
  isOnline = true;
  address = '192.0.2.1';
  boot: string;
  /** When it was switched on. */
  startedAt: number;
  /** Called when it has slept. */
  onWake: () => void = () => undefined;
  #lastPid = 100;
  #sleepsUntil: number | undefined;
  #asleepSince: number | undefined;
  #slept = 0;

  constructor(
    readonly name: string,
    readonly timeline: Timeline,
    readonly random: Random,
  ) {
    this.disk = new Disk(() => this.now());
    this.boot = String(random.below(1e9));
    this.startedAt = timeline.now;
  }

  /** The wall clock. */
  now(): number {
    return this.timeline.now + this.clockError;
  }

  /** A clock that cannot be set, and that stands still while the machine sleeps. */
  monotonic(): number {
    return (this.#asleepSince ?? this.timeline.now) - this.#slept;
  }

  get isAsleep(): boolean {
    return this.#sleepsUntil !== undefined;
  }

  nextPid(): number {
    return (this.#lastPid += 1 + this.random.below(5));
  }

  /** Runs after so many milliseconds of the monotonic clock: sleep makes it later. */
  after(ms: number, run: () => void): Happening {
    const due = this.monotonic() + ms;
    const happening = { at: 0, run, isCancelled: false };
    const when = (): void => {
      if (happening.isCancelled) return;
      const left = this.#sleepsUntil === undefined ? due - this.monotonic() : Infinity;
      if (left <= 0.01) return run();
      this.timeline.at(left === Infinity ? (this.#sleepsUntil ?? 0) + 0.001 : this.timeline.now + left, when);
    };
    this.timeline.after(ms, when);
    return happening;
  }

  sleep(ms: number): void {
    if (this.isAsleep) return;
    const wakesAt = this.timeline.now + ms;
    this.#sleepsUntil = wakesAt;
    this.#asleepSince = this.timeline.now;
    this.timeline.at(wakesAt, () => {
      this.#sleepsUntil = undefined;
      this.#asleepSince = undefined;
      this.#slept += ms;
      this.onWake();
    });
  }

  /** All programs end. What they wrote stays, also if it was not synced. */
  killAll(): void {
    for (const program of this.programs.values()) program.kill();
  }

  /** The machine loses its power and starts again, without its programs. */
  cutPower(): void {
    this.killAll();
    this.disk.cutPower(this.random);
    this.boot = String(this.random.below(1e9));
    this.startedAt = this.timeline.now;
  }
}
