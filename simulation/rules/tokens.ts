import type { Exchange } from '../cast/vendor.ts';
import type { Machine } from '../world/machine.ts';
import { storedLogin } from '../scene/household.ts';
import type { Place } from '../scene/life.ts';
import { Broken } from './rules.ts';

/** A repetition comes within this time, in milliseconds, while the lock is held. */
const AT_ONCE_MS = 40_000;

/** A file names the end of its token in whole seconds or by a clock that is not exact. */
const CLOCKS_DIFFER_MS = 5_000;

/** Follows each token, and what became of its successor. */
export class TokenRules {
  readonly #sent = new Map<string, Exchange[]>();
  /** The tokens of renewals that clients have seen. */
  readonly #seen = new Set<string>();

  /** The tokens that programs have announced as refused, with the program. */
  readonly #refused = new Set<string>();

  /** When a user last forced an attempt. */
  #forcedAt = -Infinity;

  constructor(private readonly places: readonly Place[]) {}

  /** A user forces an attempt, which may send a token again whose answer was lost. */
  forced(at: number): void {
    this.#forcedAt = at;
  }

  /** The token that a program got last was announced as renewed. */
  announced(token: string): void {
    this.#seen.add(token);
  }

  /** A program has announced that the vendor refuses this token. */
  refused(by: string, token: string): void {
    this.#refused.add(`${by} ${token}`);
  }

  /** The user has the sessions of a program tried again. */
  triedAgain(by: string): void {
    for (const each of this.#refused) if (each.startsWith(`${by} `)) this.#refused.delete(each);
  }

  /** What other programs of the user send is not judged, nor what becomes of it. */
  onExchange(exchange: Exchange): void {
    if (!exchange.by.endsWith('/keepalived')) return;
    const before = this.#sent.get(exchange.token) ?? [];
    this.#sent.set(exchange.token, [...before, exchange]);
    const own = before.filter(({ by }) => by === exchange.by);
    if (this.#refused.has(`${exchange.by} ${exchange.token}`) && !this.#isForced(exchange))
      throw new Broken('token-sent-once', `${exchange.by} sent a token again that its vendor had refused.`);
    if (own.length === 0) return;
    const answered = own.find(({ isDelivered, result }) => isDelivered && result === 'renewed');
    if (answered) this.#judgeLoss(exchange, answered);
    // A login that has ended cannot be harmed: a crash may come before the refusal is saved.
    if (exchange.result === 'refused') return;
    const last = own.at(-1);
    const isAtOnce = last !== undefined && exchange.at - last.at < AT_ONCE_MS;
    const hasEnded = exchange.at > exchange.worksUntil - CLOCKS_DIFFER_MS;
    if (!isAtOnce && !hasEnded && !this.#seemsEnded(exchange) && !this.#isForced(exchange))
      throw new Broken('token-sent-once', `${exchange.by} sent a token again while its session still worked.`);
  }

  readonly #isForced = ({ at }: Exchange): boolean => at - this.#forcedAt < AT_ONCE_MS;

  /** By the end in the file and the machine's clock, one of which may be wrong. */
  #seemsEnded({ by, token }: Exchange): boolean {
    const place = this.places.find(({ machine }) => by.startsWith(`${machine.name}/`));
    const stored = place?.logins.map(login => storedLogin(place.machine, login));
    const end = stored?.find(login => login?.token === token)?.end;
    return place !== undefined && end !== undefined && place.machine.now() > end - CLOCKS_DIFFER_MS;
  }

  /** The answer arrived, and yet the token was sent again: it was lost here. */
  #judgeLoss(exchange: Exchange, answered: Exchange): void {
    const { successor = '' } = answered;
    if (this.#seen.has(successor))
      throw new Broken('login-survives', `${exchange.by} lost a token after it had announced the renewal.`);
    if (this.places.some(({ machine }) => holds(machine, successor)))
      throw new Broken('login-survives', `${exchange.by} had the new token on its disk, and sent the old one.`);
    if (answered.pid === exchange.pid)
      throw new Broken('login-survives', `${exchange.by} had the answer, and sent the token again.`);
  }
}

const holds = ({ disk }: Machine, token: string): boolean => [...disk.files()].some(file => file.bytes.includes(token));
