import type { Inspection, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { Instant, SessionRecord } from '../../sdk/contract/session.ts';
import { isUnavailable, sightOf } from './sight.ts';
import type { SessionEvent } from './transition.ts';

/** The session that is watched. */
export type Watched = {
  readonly provider: Pick<ProviderPlugin, 'inspect'>;
  readonly record: SessionRecord;
  dispatch(event: SessionEvent): void;
};

/** Looks at the credential; undefined if that is not possible. */
type Look = () => Promise<Inspection | undefined>;

const BLIND_MS = 86_400_000;

/** Inspects a credential off schedule: at start, when its store changes, and while there is none. */
export class Vigil {
  #first: Promise<Inspection | undefined> | undefined;

  constructor(
    private readonly watched: Watched,
    private readonly look: Look,
    private readonly now: () => Instant,
  ) {}

  first(): Promise<Inspection | undefined> {
    return (this.#first ??= this.look());
  }

  /**
   * The credential may have changed while no daemon ran. The store takes precedence over the record.
   * A credential that cannot be read is not alive until an attempt has found it so.
   */
  async atStart(): Promise<void> {
    const { lastAttemptAt } = this.watched.record;
    const seen = await this.first();
    const { record, provider } = this.watched;
    if (record.lastAttemptAt !== lastAttemptAt) return; // An attempt makes its own inspection.
    const isNews = seen ? isNewsAtStart(record, seen) : provider.inspect !== undefined && record.state.name === 'alive';
    if (isNews) this.#tell(seen);
  }

  /** The store changed, perhaps by our own renewal. */
  async changed(): Promise<void> {
    const seen = await this.look();
    const { state, fingerprint } = this.watched.record;
    const isSame = fingerprint !== undefined && seen?.fingerprint === fingerprint;
    if (!isSame && !(state.name === 'halted' && seen?.present === false)) this.#tell(seen);
  }

  /** Re-arms an unavailable session whose inspection has changed; one without `inspect`, once a day. */
  async again(): Promise<void> {
    const seen = await this.look();
    const {
      record: { state, sight, lastAttemptAt = 0 },
      provider,
    } = this.watched;
    const isOver = seen ? sightOf(seen) !== sight : !provider.inspect && this.now() - lastAttemptAt >= BLIND_MS;
    if (isOver && isUnavailable(state)) this.#tell(seen);
  }

  #tell(seen: Inspection | undefined): void {
    const [expiresAt, loginExpiresAt] = [seen?.expiresAt?.getTime(), seen?.loginExpiresAt?.getTime()];
    this.watched.dispatch({ type: 'changed', expiresAt, loginExpiresAt, fingerprint: seen?.fingerprint });
  }
}

function isNewsAtStart({ state, fingerprint, expiresAt }: SessionRecord, seen: Inspection): boolean {
  if (state.name === 'refreshing' || (!seen.present && (state.name === 'halted' || state.name === 'idle')))
    return false;
  const isAnother = fingerprint !== undefined && seen.fingerprint !== fingerprint;
  return (
    isAnother || (state.name === 'alive' && seen.expiresAt !== undefined && seen.expiresAt.getTime() !== expiresAt)
  );
}
