import type { Session } from '../../../sdk/contract/session.ts';
import type { Digest } from '../render/digest.ts';
import { daemonRemarks, renderHeadline, renderWithout } from '../render/overview.ts';
import { renderRemarks } from '../render/remarks.ts';
import { renderSessions } from '../render/sessions.ts';
import type { FormerWidths } from '../render/table.ts';
import type { View } from '../render/view.ts';
import { renderEvent, renderKeys, type KeyLine } from './lines.ts';
import type { WatchModel } from './model.ts';
import { divide, rowsIn } from './room.ts';

type Watched = {
  readonly digest: Digest;
  readonly model: WatchModel;
  readonly keys: KeyLine;
  /** The widths of the columns while the table is longer than the screen. */
  readonly former: FormerWidths;
};

type Picture = {
  readonly text: string;
  /** The sessions whose rows are in it. */
  readonly sessions: readonly Session[];
};

/** The live view: the sessions, what needs the user, and the last events. Only what fits the height is rendered. */
export function renderWatch({ digest, model, keys, former }: Watched, view: View): Picture {
  const { height = Infinity, paint } = view;
  const { connected, events, selected } = model;
  const top = [...(connected ? [] : [paint('yellow', LOST)]), ...linesOf(renderHeadline(digest, view))];
  const head = top.length > 0 ? [...top, ''] : [];
  const foot = ['', ...renderKeys(model, keys, view)];
  const remarks = linesOf([...renderRemarks(digest.remarks.slice(0, height), view), ...daemonRemarks(digest, view)]);
  const empty = digest.entries.length > 0 ? [] : linesOf([renderWithout(digest, view)]);
  const room = divide(height - head.length - foot.length, {
    table: empty.length || digest.entries.length + 1,
    remarks: remarks.length,
    events: events.length,
  });
  const { from, to } = rowsIn(room.table - 1, digest.entries, selected);
  const sessions = digest.entries.slice(from, to).map(({ session }) => session);
  const isCut = sessions.length < digest.entries.length;
  const table = linesOf([renderSessions(sessions, view, { selected, former: isCut ? former : undefined })]);
  const body = [
    ...(empty.length > 0 ? empty.slice(0, room.table) : table),
    ...(isCut ? [paint('dim', describeHidden(from, digest.entries.length - to))] : []),
    ...below(remarks.length > room.remarks ? [...remarks.slice(0, room.remarks - 1), paint('dim', MORE)] : remarks),
    ...below(events.slice(events.length - room.events).map(event => renderEvent(event, view))),
  ];
  return { text: [...head, ...body, ...foot].join('\n'), sessions };
}

const LOST = 'The daemon does not answer. Waiting for it to come back…';
const MORE = '… more: `keepalive status` shows all';

const linesOf = (texts: readonly string[]): readonly string[] => texts.flatMap(text => text.split('\n'));

const below = (lines: readonly string[]): readonly string[] => (lines.length > 0 ? ['', ...lines] : []);

function describeHidden(above: number, below: number): string {
  if (above === 0) return `… ${below} more sessions`;
  return below === 0 ? `… ${above} more above` : `… ${above} more above, ${below} below`;
}
