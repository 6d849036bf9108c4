import type { Attempt, Instant, Notice } from '../../../sdk/contract/session.ts';
import type { ShownOverview } from '../render/digest.ts';

/** Something that happened while the user was watching. */
export type WatchEvent = { readonly at: Instant } & (
  | { readonly kind: 'attempt'; readonly attempt: Attempt }
  | { readonly kind: 'raised' | 'cleared'; readonly notice: Notice }
  | { readonly kind: 'message'; readonly text: string }
);

/** What the live view shows beside the sessions. */
export type WatchModel = {
  readonly connected: boolean;
  readonly events: readonly WatchEvent[];
  /** The session that the keys act on. */
  readonly selected?: string | undefined;
  readonly showsHelp?: boolean | undefined;
};

export const EMPTY: WatchModel = { connected: true, events: [] };

/** The live view shows this many events. */
const KEPT = 8;

export const withEvent = (model: WatchModel, event: WatchEvent): WatchModel => ({
  ...model,
  events: [...model.events, event].slice(-KEPT),
});

/** Only what is about these sessions. All of it if no ids are given. */
export const narrow = (overview: ShownOverview, ids: readonly string[] | undefined): ShownOverview =>
  ids
    ? {
        ...overview,
        sessions: overview.sessions.filter(({ id }) => ids.includes(id)),
        notices: overview.notices.filter(({ session }) => ids.includes(session)),
        plugins: [],
      }
    : overview;
