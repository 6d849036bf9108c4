import { inject, Lifecycle, scoped } from 'tsyringe';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Peer } from '../../sdk/plugin/fleet.ts';
import { SessionTools } from '../session/dependencies.ts';
import { SignIns } from '../sign-in/sign-ins.ts';
import { Guest } from './guest.ts';
import type { LetterOf } from './letters.ts';
import { isSamePeer, type Line } from './line.ts';

/** The sign-ins here that clients of other machines have started. */
@scoped(Lifecycle.ContainerScoped)
export class Guests {
  /** By call. */
  readonly #here = new Map<string, Guest>();

  constructor(
    @inject(SignIns) private readonly signIns: SignIns,
    @inject(SessionTools) private readonly tools: SessionTools,
  ) {}

  /** Throws what `login/start` throws. */
  async start(line: Line, from: Peer, { call, id, device }: LetterOf<'login'>): Promise<void> {
    const guest = new Guest(line, { from, call, log: this.tools.log });
    this.#here.set(call, guest);
    guest.onEnd(() => this.#here.delete(call));
    try {
      guest.begin(await this.signIns.start({ id, device }, guest.client));
    } catch (error) {
      guest.leave();
      throw error;
    }
  }

  answer(from: Peer, { call, text }: LetterOf<'answer'>): void {
    const { client, login } = this.#get(from, call) ?? {};
    if (!client || login === undefined) return;
    try {
      this.signIns.answer({ login, text }, client);
    } catch (error) {
      // It came too late: the sign-in has moved on, or has ended.
      if (!isKeepaliveError(error)) throw error;
    }
  }

  cancel(from: Peer, { call }: LetterOf<'cancel'>): void {
    const guest = this.#get(from, call);
    if (guest?.login === undefined) return guest?.leave();
    this.signIns.cancel({ login: guest.login }, guest.client);
  }

  end(): void {
    for (const guest of this.#here.values()) guest.leave();
  }

  /** A sign-in of another machine is treated as one that does not exist. */
  #get(from: Peer, call: string): Guest | undefined {
    const guest = this.#here.get(call);
    return guest && isSamePeer(guest.from, from) ? guest : undefined;
  }
}
