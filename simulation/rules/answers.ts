import type { Exchange } from '../cast/vendor.ts';
import type { FileNode } from '../world/file-node.ts';
import { storedToken } from '../scene/household.ts';
import type { Place } from '../scene/life.ts';
import { Broken } from './rules.ts';

/** An answer is on the disk within this time, in milliseconds. */
const KEPT_WITHIN_MS = 5_000;
/** A token is sent and repeated within this time, in milliseconds. */
const AT_ONCE_MS = 45_000;

/** Follows the answers that arrived: each must be synced at once, and is never lost after that. */
export class AnswerRules {
  /** Answers that are not on the disk yet, by the new token. */
  readonly #waiting = new Map<string, Exchange>();
  /** Tokens whose successor was on the disk. */
  readonly #kept = new Set<string>();
  readonly #sent = new Map<string, readonly number[]>();

  constructor(
    private readonly place: Place,
    private readonly check: (work: () => void) => void,
  ) {
    place.machine.disk.onSync = file => this.#onSync(file);
  }

  onExchange(exchange: Exchange): void {
    const { by, token, successor, at } = exchange;
    if (by !== `${this.place.machine.name}/keepalived`) return;
    this.#judgeToken(exchange);
    if (this.#kept.has(token))
      throw new Broken('login-survives', `${by} had synced the new token, and sent the old one.`);
    const recent = (this.#sent.get(token) ?? []).filter(before => at - before < AT_ONCE_MS);
    // A login that has ended cannot be harmed: a crash may come before the refusal is saved.
    if (recent.length > 1 && exchange.result !== 'refused')
      throw new Broken('token-sent-once', `${by} sent a token for the third time at once.`);
    this.#sent.set(token, [...recent, at]);
    if (successor === undefined) return;
    this.#waiting.set(successor, exchange);
    this.place.machine.after(KEPT_WITHIN_MS, () => this.check(() => this.#judgeMemory(successor)));
  }

  /** Unless the file was changed after the token was sent, it has that token. */
  #judgeToken({ by, token, sentAt, family }: Exchange): void {
    const { machine, logins, families } = this.place;
    const login = logins.find(({ file }) => families.get(file) === family);
    if (!login || storedToken(machine, login) === token) return;
    const { mtime } = machine.disk.get(login.file, 'stat');
    if (mtime < sentAt + machine.clockError)
      throw new Broken('token-is-current', `${by} sent a token that was not in ${login.file} any more.`);
  }

  #judgeMemory(successor: string): void {
    const exchange = this.#waiting.get(successor);
    this.#waiting.delete(successor);
    // A disk that became read-only in between cannot have it.
    const { programs, disk } = this.place.machine;
    const isPossible = exchange?.isDelivered && programs.has(exchange.pid) && !disk.isReadOnly;
    if (isPossible) throw new Broken('login-survives', `${exchange.by} has a new token in its memory only.`);
  }

  #onSync(file: FileNode): void {
    for (const [successor, { token, isDelivered }] of this.#waiting) {
      if (!isDelivered || !file.bytes.includes(successor)) continue;
      this.#waiting.delete(successor);
      this.#kept.add(token);
    }
  }
}
