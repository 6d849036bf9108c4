import { Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Peer } from '../../sdk/plugin/fleet.ts';
import type { Answer, LetterOf, Request } from './letters.ts';
import { isSamePeer, type Line } from './line.ts';

/** Two heartbeats: without a connection that listens, the other machine looks for letters at each. */
const TAKEN_LIMIT_MS = 60_000;
/** The longest attempt, and the way there and back. A client waits a little longer. */
const ANSWER_LIMIT_MS = 170_000;

type Waiting = {
  readonly peer: Peer;
  readonly take: (letter: Answer | LetterOf<'taken'>) => void;
  readonly fail: (error: unknown) => void;
};

/** The requests of this machine that others have not answered yet. */
@scoped(Lifecycle.ContainerScoped)
export class PendingCalls {
  readonly #waiting = new Map<string, Waiting>();

  /** Throws what the other machine throws, and `KA_FLEET_SILENT` if it does not answer. */
  ask(
    { connection: { directory } }: Line,
    peer: Peer,
    request: Request,
  ): Promise<Exclude<Answer, LetterOf<'refused'>>> {
    const { machine } = peer;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(untaken);
        clearTimeout(unanswered);
        void stopAttending();
        this.#waiting.delete(request.call);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error instanceof Error ? error : new Error('the message was not sent', { cause: error }));
      };
      const silent = () => fail(new KeepaliveError('KA_FLEET_SILENT', { machine }));
      const take: Waiting['take'] = letter => {
        if (letter.type === 'taken') clearTimeout(untaken);
        else if (letter.type === 'refused') fail(new KeepaliveError(letter.code, { ...letter.details, machine }));
        else {
          settle();
          resolve(letter);
        }
      };
      const untaken = setTimeout(silent, TAKEN_LIMIT_MS);
      const unanswered = setTimeout(silent, ANSWER_LIMIT_MS);
      const stopAttending = directory.attend(peer, silent);
      this.#waiting.set(request.call, { peer, take, fail });
      directory.send(peer, request).catch(fail);
    });
  }

  /** From any other machine than the one that was asked, nothing is an answer. */
  take(from: Peer, letter: Answer | LetterOf<'taken'>): void {
    const waiting = this.#waiting.get(letter.call);
    if (waiting && isSamePeer(waiting.peer, from)) waiting.take(letter);
  }

  end(error: Error): void {
    for (const { fail } of this.#waiting.values()) fail(error);
  }
}
