import type { Inspection } from '../../sdk/contract/outcome.ts';
import { isPaused } from '../../lifecycle/states.ts';
import type { Keeper } from '../session/keeper.ts';

type Session = Pick<Keeper, 'provider' | 'record'>;

/**
 * The logins from before sign-ins with another account that the user has not confirmed. The next sign-in with that
 * account has to be confirmed as well. Only in memory: an account must not be in a file.
 */
export class ConfirmedAccounts {
  readonly #logins = new Map<string, Inspection>();

  /** The last login whose account counts, if it is not the one in the store. To resume the session confirms that. */
  before({ provider, record }: Session): Inspection | undefined {
    return isPaused(record.state) ? this.#logins.get(provider.id) : undefined;
  }

  remember(session: Session, login: Inspection): void {
    if (!this.before(session)) this.#logins.set(session.provider.id, login);
  }

  forget({ provider }: Session): void {
    this.#logins.delete(provider.id);
  }
}
