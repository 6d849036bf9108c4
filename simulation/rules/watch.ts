import { isRecord } from '../../sdk/base/json.ts';
import type { Notification } from '../cast/daemon.ts';
import type { Vendor } from '../cast/vendor.ts';
import { storedToken } from '../scene/household.ts';
import type { Place } from '../scene/life.ts';
import { isBegun } from '../scene/moments.ts';
import type { Story } from '../scene/story.ts';
import { Announced } from './announced.ts';
import { ApartRules } from './apart.ts';
import { findExcess } from './bounds.ts';
import { judgeDue } from './due.ts';
import { Broken } from './rules.ts';
import { judgeHistory, judgeLast } from './seen.ts';
import { findSecret } from './secrets.ts';
import type { TokenRules } from './tokens.ts';

type World = {
  readonly vendor: Vendor;
  /** Whether the database of the fleet and all disks work. */
  readonly isWell: () => boolean;
  readonly tokens: TokenRules;
  readonly story: Story;
};

const MINUTE = 60_000;
const LOOK_MS = 20 * MINUTE;
/** Reading the history takes long, so it is asked for after each start and then seldom. */
const HISTORY_MS = 12 * 60 * MINUTE;
/** So long after the last trouble everything must be well: the longest backoff, and the attempt after it. */
const CALM_MS = 100 * MINUTE;
/** Claude renews its login in its last five minutes and later, and is asked every half an hour. */
const LAPSE_MS = { oauth: 0, claude: 40 * MINUTE };

/** Who starts a daemon that refuses to start waits longer and longer, and about this long in milliseconds. */
const RESTART_MS = 10 * MINUTE;
/** So many of the last attempts of each session are looked for, among as many more. */
const RECENT = 10;

/** Watches a daemon from outside: what it says, what it does, and what is on its disk. */
export class Watch {
  #disturbedAt: number;
  /** What is wrong now. */
  #ongoing = 0;
  readonly apart: ApartRules;
  /** Refresh tokens whose files name an end that was written by another clock. */
  readonly #postponed = new Set<string>();
  /** When the history was last asked for. */
  #historyAt = -Infinity;
  readonly #announced = new Announced();
  /** How often the disk had refused to write when it was last looked at. */
  #refusalsBefore = 0;
  /** How often the disk had refused to write when the last attempt of each session began. */
  readonly #refusals = new Map<string, number>();
  /** The start of the last attempt of each session that clients have seen. */
  readonly #last = new Map<string, number>();

  constructor(
    private readonly place: Place,
    private readonly world: World,
    private readonly check: (work: () => void) => void,
  ) {
    this.#disturbedAt = place.machine.timeline.now;
    this.apart = new ApartRules(place.machine);
    place.machine.onWake = this.disturbed;
  }

  /** The daemon, as the vendor's log names it. */
  get #by(): string {
    return `${this.place.machine.name}/keepalived`;
  }

  /** Something goes wrong now, or is mended. */
  readonly disturbed = (): void => {
    this.#disturbedAt = this.place.machine.timeline.now;
  };

  /** Whether nothing went wrong, or was mended, for so many milliseconds. */
  isQuietFor(ms: number): boolean {
    return this.#ongoing === 0 && this.place.machine.timeline.now - this.#disturbedAt > ms;
  }

  /** Something is wrong until the returned function is called. */
  suffer(): () => void {
    this.disturbed();
    this.#ongoing += 1;
    return () => {
      this.disturbed();
      this.#ongoing -= 1;
    };
  }

  /** By the clock, the logins that are stored now end later than they do. */
  clockSetBack(): void {
    for (const { current } of this.place.families.values()) this.#postponed.add(current);
  }

  /** The user asks for an attempt. */
  requested(id: string, isForced: boolean): void {
    this.apart.requested(id);
    if (!isForced) return;
    this.world.tokens.forced(this.place.machine.timeline.now);
    this.world.tokens.triedAgain(this.#by);
  }

  begin(): void {
    const { timeline } = this.place.machine;
    const look = (): void => {
      this.#lookAround();
      timeline.after(LOOK_MS, look);
    };
    timeline.after(LOOK_MS, look);
  }

  #lookAround(): void {
    this.check(() => this.#look());
    void this.#ask();
  }

  finish(): void {
    this.#look();
    const seen = findSecret(this.place, this.world.vendor.secrets);
    if (seen) throw new Broken('no-secret', seen);
  }

  onExit(): void {
    throw new Broken('runs-on', 'It has ended by itself.');
  }

  onStarted(): void {
    this.#historyAt = -Infinity;
    this.#announced.forgetMemory();
    this.apart.restarted();
    this.world.story.tell(this.place.machine.name, 'started the daemon');
    // What a crash has undone is seen best before the next attempt.
    this.#lookAround();
    this.resumeAll();
  }

  onRefused(error: unknown): void {
    const { machine, daemon } = this.place;
    this.world.story.tell(machine.name, `could not start the daemon: ${String(error)}`);
    machine.after(RESTART_MS, () => daemon.start());
    if (machine.disk.takesAllSince(daemon.refusalsBefore))
      throw new Broken('runs-on', `It does not start: ${String(error)}`);
  }

  onMessage(text: string): void {
    for (const [found] of text.matchAll(/(access|refresh)-[\w-]{24}/g))
      if (this.world.vendor.secrets.has(found)) throw new Broken('no-secret', 'A client was sent a token.');
  }

  onNotification(notification: Notification): void {
    if (isBegun(notification)) this.#begun(notification.params);
    if (notification.method === 'session/didAttempt') this.#attempted(notification.params);
  }

  resumeAll(): void {
    this.world.tokens.triedAgain(this.#by);
    for (const { id } of this.place.logins) void this.place.daemon.ask('session/resume', { id });
  }

  #begun({ id, state }: Record<string, unknown>): void {
    if (typeof id !== 'string' || !isRecord(state)) return;
    this.apart.begun(id, state['since']);
    this.#refusals.set(id, this.place.machine.disk.refusals);
  }

  #attempted(attempt: Record<string, unknown>): void {
    const { disk } = this.place.machine;
    const { id, startedAt, outcome } = attempt;
    if (typeof id !== 'string' || typeof startedAt !== 'number') return;
    this.apart.ended(id, outcome);
    const why = attempt['code'] ? ` (${String(attempt['code'])})` : '';
    this.world.story.tell(this.place.machine.name, `attempted ${id}: ${String(outcome)}${why}`);
    // While the disk cannot be written, nothing can be kept. A machine may sleep between that and the announcement.
    const isKept = disk.takesAllSince(this.#refusals.get(id) ?? disk.refusals);
    this.#announced.add(id, startedAt, isKept);
    this.#last.set(id, startedAt);
    const login = this.place.logins.find(each => each.id === id);
    const token = login && storedToken(this.place.machine, login);
    if (outcome === 'refreshed' && token) this.world.tokens.announced(token);
    if (outcome === 'login-required' && token && isKept) this.world.tokens.refused(this.#by, token);
  }

  #look(): void {
    const { machine, logins } = this.place;
    if (!this.world.isWell()) this.disturbed();
    this.#expectRepeated();
    // claude writes its own file, and syncs nothing.
    for (const login of logins.filter(({ provider }) => provider === 'oauth'))
      if (storedToken(machine, login) === 'torn') throw new Broken('store-whole', `${login.file} is not whole.`);
    if (!this.#isCalm()) return;
    for (const login of logins) this.#mustBeAlive(login);
    const excess = findExcess(this.place);
    if (excess) throw new Broken('bounded', excess);
  }

  /** What the disk refused is written soon after it has room: then it must be kept as the rest is. */
  #expectRepeated(): void {
    const { machine, daemon } = this.place;
    const hadRoom = machine.disk.takesAllSince(this.#refusalsBefore) && this.isQuietFor(LOOK_MS - 1);
    if (hadRoom && daemon.isUp && !machine.isAsleep) this.#announced.expectAll();
    this.#refusalsBefore = machine.disk.refusals;
  }

  #isCalm(): boolean {
    const { machine, daemon } = this.place;
    const { timeline } = machine;
    const isWell = this.#ongoing === 0 && daemon.isUp && machine.isOnline && !machine.isAsleep && this.world.isWell();
    return isWell && timeline.now - Math.max(this.#disturbedAt, daemon.startedAt) > CALM_MS;
  }

  #mustBeAlive({ id, file, provider }: Place['logins'][number]): void {
    const { machine, families } = this.place;
    const family = families.get(file);
    const token = storedToken(machine, { id, file, provider });
    const canBeRenewed = family && family.endedBy === undefined && token === family.current;
    const isPostponed = this.#postponed.has(family?.current ?? '');
    if (canBeRenewed && !isPostponed && family.accessEndsAt + LAPSE_MS[provider] < machine.timeline.now)
      throw new Broken('kept-alive', `${id} has ended, although its refresh token is good.`);
  }

  async #ask(): Promise<void> {
    const { daemon, machine } = this.place;
    const askedAt = machine.timeline.now;
    const last = new Map(this.#last);
    const sessions = await daemon.ask('session/list');
    const isCurrent = () => machine.timeline.now - askedAt < MINUTE;
    if (Array.isArray(sessions) && isCurrent()) this.check(() => this.#judgeSessions(sessions, last));
    if (askedAt - this.#historyAt < HISTORY_MS) return;
    this.#historyAt = askedAt;
    for (const { id } of this.place.logins) {
      const announced = this.#announced.keptOf(id).slice(-RECENT);
      const history = await daemon.ask('session/history', { id, limit: 20 * RECENT });
      if (Array.isArray(history) && isCurrent()) this.check(() => judgeHistory(id, announced, history));
      this.#announced.trim(id, 2 * RECENT);
    }
  }

  #judgeSessions(sessions: readonly unknown[], last: ReadonlyMap<string, number>): void {
    const { machine, daemon } = this.place;
    const since = Math.max(this.#disturbedAt, daemon.startedAt);
    const isReady = this.#ongoing === 0 && !machine.isAsleep && machine.timeline.now - since > 5 * MINUTE;
    for (const session of sessions) {
      if (!isRecord(session)) continue;
      const id = String(session['id']);
      judgeLast(session, this.#announced.keptOf(id), last.get(id));
      if (isReady) judgeDue(session, machine.now());
    }
  }
}
