import { useState } from 'preact/hooks';
import type { Instant, Notice, NoticeLevel } from '../../../../sdk/contract/session.ts';
import type { Attention } from '../../../../sdk/wording/attention.ts';
import { filtered, inOrder, MANY } from '../format/session-filter.ts';
import type { Dispatch } from '../kernel/live.ts';
import type { FleetView, Snapshot } from '../kernel/model.ts';
import { useSessionFilter } from '../kernel/use-stored.ts';
import { Doctor } from './doctor.tsx';
import { Fleet } from './fleet.tsx';
import { History } from './history.tsx';
import { MoreSessions } from './more-sessions.tsx';
import { Notices } from './notices.tsx';
import { Notifiers } from './notifiers.tsx';
import { Overview } from './overview.tsx';
import { Settings } from './settings.tsx';
import { Timeline } from './timeline.tsx';
import { FirstRun } from './tools.tsx';
import { WarmUps } from './warm-ups.tsx';

type Props = {
  readonly snapshot: Snapshot;
  readonly fleet: FleetView | undefined;
  readonly items: readonly Attention[];
  readonly now: Instant;
  readonly dispatch: Dispatch;
};

/** The sections of the page. */
export function Content({ snapshot, fleet, items, now, dispatch }: Props) {
  const { notices, tools, notifiers } = snapshot;
  const sessions = inOrder(snapshot.sessions, items);
  return (
    <>
      <BoundedNotices notices={notices} sessions={sessions} />
      {sessions.length === 0 ? <FirstRun tools={tools} now={now} /> : <Kept {...{ snapshot, sessions, items, now }} />}
      {fleet && <Fleet fleet={fleet} />}
      {sessions.length > 0 && <History snapshot={snapshot} dispatch={dispatch} />}
      <MoreSessions sessions={sessions} tools={tools} now={now} />
      <Notifiers notifiers={notifiers} />
      <Doctor />
    </>
  );
}

/** This many notices are shown until all are asked for. Among many sessions, each line says what to do. */
const shownOf = (sessions: Snapshot['sessions']): number => (sessions.length < MANY ? 3 : 1);
const GRAVITY: readonly NoticeLevel[] = ['error', 'warning', 'info'];

type NoticesProps = { readonly notices: readonly Notice[]; readonly sessions: Snapshot['sessions'] };

function BoundedNotices({ notices, sessions }: NoticesProps) {
  const [all, setAll] = useState(false);
  const limit = shownOf(sessions);
  const rest = notices.length - limit;
  // To hide a single one saves nothing.
  if (all || rest <= 1) return <Notices notices={notices} sessions={sessions} />;
  const gravest = notices.toSorted(
    (a, b) => GRAVITY.indexOf(a.level) - GRAVITY.indexOf(b.level) || b.raisedAt - a.raisedAt,
  );
  return (
    <>
      <Notices notices={gravest.slice(0, limit)} sessions={sessions} />
      <p class="more-notices">
        <button type="button" class="plain" onClick={() => setAll(true)}>
          Show {rest} more notices
        </button>
      </p>
    </>
  );
}

/** By their ids, in this order. Sessions among many have their settings in their lines. */
export function sectionsOf(
  { sessions, warmUps = [] }: Snapshot,
  fleet: FleetView | undefined,
): Readonly<Record<string, string>> {
  const all = fleet ? { fleet: 'All machines' } : {};
  if (sessions.length === 0) return all;
  const settings = sessions.length < MANY ? { settings: 'Settings' } : {};
  const warm = warmUps.length > 0 ? { 'warm-ups': 'Warm-up' } : {};
  return {
    overview: 'Sessions',
    timeline: 'Timeline',
    ...settings,
    ...warm,
    ...all,
    history: 'History',
    doctor: 'Doctor',
  };
}

type KeptProps = Pick<Props, 'snapshot' | 'items' | 'now'> & { readonly sessions: Snapshot['sessions'] };

function Kept({ snapshot, sessions, items, now }: KeptProps) {
  const { attempts, plan } = snapshot;
  const [filter, setFilter] = useSessionFilter();
  const isMany = sessions.length >= MANY;
  const shown = isMany ? filtered(sessions, filter, { items, now }) : sessions;
  return (
    <>
      <Overview {...{ snapshot, sessions, shown, items, now, filter, setFilter }} />
      <Timeline sessions={shown} attempts={attempts} plan={plan} now={now} />
      {!isMany && <Settings snapshot={snapshot} sessions={sessions} />}
      <WarmUps snapshot={snapshot} now={now} />
    </>
  );
}
