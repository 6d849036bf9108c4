import type { Machine } from '../world/machine.ts';
import { Broken } from './rules.ts';

const MINUTE = 60_000;
/** The `minInterval` of the sessions, and the shortest pause that a user can force. */
const APART_MS = 120_000;
const FORCED_APART_MS = 10_000;
/** Clocks and timers are not exact. */
const SLACK_MS = 1_500;

type Attempted = { readonly wall: number; readonly running: number; readonly since: unknown };

/** The attempts of a daemon, none of which may come too soon after the one before. */
export class ApartRules {
  /** Attempts that began, and may have ended with the daemon before they did anything. */
  readonly #begun = new Map<string, Attempted>();
  /** When the attempts began that are under way. */
  readonly #underWay = new Map<string, number>();
  readonly #attempts = new Map<string, Attempted>();
  /** Sessions whose last attempt found nothing to do. */
  readonly #idle = new Set<string>();
  /** When the user asked for an attempt. */
  readonly #requests = new Map<string, number>();

  constructor(private readonly machine: Machine) {}

  /** When the attempt of a session began that is under way; undefined if there is none. */
  begunAt(id: string): number | undefined {
    return this.#underWay.get(id);
  }

  requested(id: string): void {
    this.#requests.set(id, this.machine.timeline.now);
  }

  restarted(): void {
    this.#underWay.clear();
  }

  begun(id: string, since: unknown): void {
    const now = { wall: this.machine.now(), running: this.machine.timeline.now, since };
    this.#underWay.set(id, now.running);
    // Its session changed during the attempt, as when another machine of the fleet shows the same login.
    if (this.#begun.get(id)?.since !== now.since) this.#begun.set(id, now);
  }

  /** The attempt of a session has done something: it asked the vendor, or ended. */
  acted(id: string): void {
    const now = this.#begun.get(id);
    const before = this.#attempts.get(id);
    if (!now || before?.since === now.since) return;
    this.#attempts.set(id, now);
    const isManual = now.running - (this.#requests.get(id) ?? 0) < MINUTE;
    // What asked neither the vendor nor a program costs nothing, and a user need not wait after it.
    if (!before || (isManual && this.#idle.has(id))) return;
    // A clock that is set makes only one of them short.
    const gap = Math.max(Math.abs(now.wall - before.wall), now.running - before.running);
    const apart = isManual ? FORCED_APART_MS : APART_MS;
    if (gap < apart - SLACK_MS)
      throw new Broken('attempts-apart', `${id} was attempted ${Math.round(gap / 1_000)} s after its last attempt.`);
  }

  ended(id: string, outcome: unknown): void {
    this.acted(id);
    this.#underWay.delete(id);
    this.#idle.delete(id);
    if (outcome === 'fresh') this.#idle.add(id);
  }
}
