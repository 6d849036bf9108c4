import type { Overview } from '../render/sessions.ts';
import type { Attempt, Instant, Notice, Session } from '../../../sdk/contract/session.ts';

/** Something that happened while a person was looking. */
export type Happening = { readonly at: Instant } & (
  | { readonly kind: 'attempt'; readonly attempt: Attempt }
  | { readonly kind: 'raised' | 'cleared'; readonly notice: Notice }
  | { readonly kind: 'said'; readonly text: string }
);

/** What a live picture is drawn from. */
export type WatchModel = Overview & { readonly connected: boolean; readonly happenings: readonly Happening[] };

/** As many as are worth a look back. */
const KEPT = 8;

export const withHappening = (model: WatchModel, happening: Happening): WatchModel => ({
  ...model,
  happenings: [...model.happenings, happening].slice(-KEPT),
});

export function withSession(model: WatchModel, session: Session): WatchModel {
  const known = model.sessions.some(({ id }) => id === session.id);
  const sessions = known
    ? model.sessions.map(old => (old.id === session.id ? session : old))
    : [...model.sessions, session];
  return { ...model, sessions };
}

/** Only what concerns the sessions of these ids; all of it where none are given. */
export const narrowed = (overview: Overview, ids: readonly string[] | undefined): Overview =>
  ids
    ? {
        sessions: overview.sessions.filter(({ id }) => ids.includes(id)),
        notices: overview.notices.filter(({ session }) => ids.includes(session)),
        plugins: [],
      }
    : overview;
