import { useCallback, useEffect, useReducer, useState } from 'preact/hooks';
import type { KeepaliveClient } from '../../../sdk/client/create-client.ts';
import type { Instant } from '../../../sdk/contract/session.ts';
import { attentionOf, type Attention } from '../../../sdk/wording/attention.ts';
import { pageHeadline, pageTitle } from './format/headline.ts';
import { bySession } from './format/group.ts';
import { filtered, inOrder, MANY, type SessionFilter } from './format/session-filter.ts';
import { connectToKernel, type Dispatch } from './kernel/live.ts';
import { reduce, START, type Snapshot } from './kernel/model.ts';
import { KernelContext } from './kernel/use-kernel.ts';
import { useStored } from './kernel/use-stored.ts';
import { useNow } from './kernel/use-time.ts';
import { Ended, Loading, LostBanner, NoSessions } from './parts/circumstances.tsx';
import { NO_DAYS } from './parts/day-strip.tsx';
import { Doctor } from './parts/doctor.tsx';
import { History } from './parts/history.tsx';
import { Footer, Masthead } from './parts/masthead.tsx';
import { Notices } from './parts/notices.tsx';
import { Overview } from './parts/overview.tsx';
import { SessionCard } from './parts/session-card.tsx';
import { Timeline } from './parts/timeline.tsx';

const disconnected: KeepaliveClient['request'] = () => Promise.reject(new Error('The daemon does not answer.'));

export function App() {
  const [{ connection, snapshot, lostAt, announcement }, dispatch] = useReducer(reduce, START);
  const [client, setClient] = useState<KeepaliveClient>();
  const now = useNow(snapshot?.sessions.flatMap(endsOf) ?? []);
  // It rejects only if the daemon refuses this browser. The model shows that.
  useEffect(() => void connectToKernel(dispatch).then(setClient, () => undefined), []);
  if (connection === 'ended') return <Ended />;
  const isLost = connection === 'lost';
  const items = snapshot ? attentionOf(snapshot, now) : [];
  return (
    <KernelContext.Provider value={{ live: connection === 'live', request: client?.request ?? disconnected }}>
      <a class="skip" href="#main">
        Skip to the sessions
      </a>
      <Masthead
        headline={snapshot ? pageHeadline(snapshot, isLost ? lostAt : undefined, now) : ''}
        title={pageTitle(items.length, isLost)}
        connection={connection}
        items={isLost ? [] : items}
        sections={snapshot ? sectionsOf(snapshot) : {}}
      />
      {isLost && <LostBanner since={lostAt} />}
      <p class="unseen" role="status">
        {announcement}
      </p>
      <main id="main" tabIndex={-1} class={isLost ? 'stale' : ''}>
        {snapshot ? <Content snapshot={snapshot} items={items} now={now} dispatch={dispatch} /> : <Loading />}
      </main>
      {snapshot && <Footer info={snapshot.info} />}
      <datalist id="time-zones">
        {Intl.supportedValuesOf('timeZone').map(zone => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </KernelContext.Provider>
  );
}

/** When a session may come to need the user by itself. */
const endsOf = ({ expiresAt, loginExpiresAt }: Snapshot['sessions'][number]): readonly Instant[] =>
  [expiresAt, loginExpiresAt].filter(end => end !== undefined);

function sectionsOf({ sessions }: Snapshot): Readonly<Record<string, string>> {
  if (sessions.length === 0) return {};
  const settings = sessions.length < MANY ? { settings: 'Settings' } : {};
  return { overview: 'Sessions', timeline: 'Timeline', ...settings, history: 'History', doctor: 'Doctor' };
}

type ContentProps = {
  readonly snapshot: Snapshot;
  readonly items: readonly Attention[];
  readonly now: Instant;
  readonly dispatch: Dispatch;
};

function Content({ snapshot, items, now, dispatch }: ContentProps) {
  const { notices, attempts, plan } = snapshot;
  const [filter, setFilter] = useSessionFilter();
  const sessions = inOrder(snapshot.sessions, items);
  const isMany = sessions.length >= MANY;
  return (
    <>
      <Notices notices={notices} />
      {sessions.length === 0 ? (
        <NoSessions />
      ) : (
        <>
          <Overview {...{ snapshot, sessions, items, now, filter, setFilter }} />
          <Timeline
            sessions={isMany ? filtered(sessions, filter, { items, now }) : sessions}
            attempts={attempts}
            plan={plan}
            now={now}
          />
          {!isMany && <Settings snapshot={snapshot} sessions={sessions} />}
          <History snapshot={snapshot} dispatch={dispatch} />
        </>
      )}
      <Doctor />
    </>
  );
}

type SettingsProps = { readonly snapshot: Snapshot; readonly sessions: Snapshot['sessions'] };

function Settings({ snapshot: { config, days }, sessions }: SettingsProps) {
  const byId = bySession(days);
  return (
    <section id="settings" aria-labelledby="settings-heading">
      <h2 id="settings-heading">Settings</h2>
      <div class="cards">
        {sessions.map(session => (
          <SessionCard key={session.id} session={session} config={config} days={byId.get(session.id) ?? NO_DAYS} />
        ))}
      </div>
    </section>
  );
}

function useSessionFilter(): readonly [SessionFilter, (filter: SessionFilter) => void] {
  const [text, setText] = useStored('filter');
  const [status, setStatus] = useStored('status');
  const set = useCallback((filter: SessionFilter) => {
    setText(filter.text);
    setStatus(filter.status);
  }, []);
  return [{ text, status }, set];
}
