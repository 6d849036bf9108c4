import type { Inspection } from '../../sdk/provider.ts';
import type { SessionRecord } from '../../sdk/session.ts';
import { isUnavailable, sightOf } from './sight.ts';
import type { SessionEvent } from './transition.ts';

/** What a vigil sees of a session, and does with it. */
export type Watched = {
  readonly record: () => SessionRecord;
  /** Looks at the credential; undefined where that is not possible. */
  readonly look: () => Promise<Inspection | undefined>;
  readonly dispatch: (event: SessionEvent) => void;
};

/** Looks at a credential out of turn: at start, when its store changed, and while there is none. Only what is news moves the session. */
export class Vigil {
  #first: Promise<Inspection | undefined> | undefined;

  constructor(private readonly watched: Watched) {}

  first(): Promise<Inspection | undefined> {
    return this.#first ??= this.watched.look();
  }

  /** The credential may have changed while no daemon ran: what its store shows wins over what is remembered. */
  async atStart(): Promise<void> {
    const { lastAttemptAt } = this.watched.record();
    const seen = await this.first();
    const record = this.watched.record();
    // An attempt looks for itself.
    if (seen && record.lastAttemptAt === lastAttemptAt && isNewsAtStart(record, seen)) this.#tell(seen);
  }

  /** The store changed, perhaps by our own hand. */
  async changed(): Promise<void> {
    const seen = await this.watched.look();
    const { state, fingerprint } = this.watched.record();
    if ((fingerprint !== undefined && seen?.fingerprint === fingerprint) || (state.name === 'halted' && seen?.present === false)) return;
    this.#tell(seen);
  }

  /** Whether an unavailable session looks different from when it was halted. */
  async again(): Promise<void> {
    const seen = await this.watched.look();
    const { state, sight } = this.watched.record();
    if (seen && isUnavailable(state) && sightOf(seen) !== sight) this.#tell(seen);
  }

  #tell(seen: Inspection | undefined): void {
    const [expiresAt, loginExpiresAt] = [seen?.expiresAt?.getTime(), seen?.loginExpiresAt?.getTime()];
    this.watched.dispatch({ type: 'changed', expiresAt, loginExpiresAt, fingerprint: seen?.fingerprint });
  }
}

function isNewsAtStart({ state, fingerprint, expiresAt }: SessionRecord, seen: Inspection): boolean {
  if (state.name === 'idle' || state.name === 'refreshing' || (state.name === 'halted' && !seen.present)) return false;
  const isAnother = fingerprint !== undefined && seen.fingerprint !== fingerprint;
  return isAnother || (state.name === 'alive' && seen.expiresAt !== undefined && seen.expiresAt.getTime() !== expiresAt);
}
