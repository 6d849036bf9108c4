import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import type { KeepaliveClient } from '../../../sdk/client/create-client.ts';
import type { Instant } from '../../../sdk/contract/session.ts';
import { connectToKernel, type Dispatch } from './kernel/live.ts';
import { reduce, START, type Snapshot } from './kernel/model.ts';
import { KernelContext, type Kernel } from './kernel/use-kernel.ts';
import { Ended, Loading, LostBanner } from './parts/circumstances.tsx';
import { Doctor } from './parts/doctor.tsx';
import { History } from './parts/history.tsx';
import { Footer, Masthead } from './parts/masthead.tsx';
import { MoreSessions } from './parts/more-sessions.tsx';
import { Notices } from './parts/notices.tsx';
import { Notifiers } from './parts/notifiers.tsx';
import { Overview } from './parts/overview.tsx';
import { SessionCard } from './parts/session-card.tsx';
import { Timeline } from './parts/timeline.tsx';
import { FirstRun } from './parts/tools.tsx';

const disconnected: KeepaliveClient['request'] = () => Promise.reject(new Error('The daemon does not answer.'));

export function App() {
  const [model, dispatch] = useReducer(reduce, START);
  const [client, setClient] = useState<KeepaliveClient>();
  const now = useNow();
  // It rejects only if the daemon refuses this browser. The model shows that.
  useEffect(() => void connectToKernel(dispatch).then(setClient, () => undefined), []);
  const { connection, snapshot, lostAt, announcement } = model;
  const live = connection === 'live';
  const kernel = useMemo((): Kernel => {
    const update = (part: Partial<Snapshot>) => dispatch({ type: 'snapshot', snapshot: part });
    return { live, request: client?.request ?? disconnected, update };
  }, [live, client]);
  if (connection === 'ended') return <Ended />;
  return (
    <KernelContext.Provider value={kernel}>
      <a class="skip" href="#main">
        Skip to the sessions
      </a>
      <Masthead sessions={snapshot?.sessions} connection={connection} />
      {connection === 'lost' && <LostBanner since={lostAt} now={now} />}
      <p class="unseen" role="status">
        {announcement}
      </p>
      <main id="main" tabIndex={-1}>
        {snapshot ? <Content snapshot={snapshot} now={now} dispatch={dispatch} /> : <Loading />}
      </main>
      {snapshot && <Footer info={snapshot.info} now={now} />}
      <datalist id="time-zones">
        {Intl.supportedValuesOf('timeZone').map(zone => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </KernelContext.Provider>
  );
}

type ContentProps = { readonly snapshot: Snapshot; readonly now: Instant; readonly dispatch: Dispatch };

function Content({ snapshot, now, dispatch }: ContentProps) {
  const { sessions, notices, attempts, plan, config, tools, notifiers } = snapshot;
  return (
    <>
      <Notices notices={notices} sessions={sessions} now={now} />
      {sessions.length === 0 ? (
        <FirstRun tools={tools} now={now} />
      ) : (
        <>
          <Overview sessions={sessions} now={now} />
          <Timeline sessions={sessions} attempts={attempts} plan={plan} now={now} />
          <section id="settings" aria-labelledby="settings-heading">
            <h2 id="settings-heading">Settings</h2>
            <div class="cards">
              {sessions.map(session => (
                <SessionCard key={session.id} session={session} config={config} now={now} />
              ))}
            </div>
          </section>
          <History snapshot={snapshot} now={now} dispatch={dispatch} />
        </>
      )}
      <MoreSessions sessions={sessions} tools={tools} now={now} />
      <Notifiers notifiers={notifiers} />
      <Doctor />
    </>
  );
}

/** The time, updated every second while the page is visible. */
function useNow(): Instant {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const update = () => document.hidden || setNow(Date.now());
    const timer = setInterval(update, 1_000);
    document.addEventListener('visibilitychange', update);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', update);
    };
  }, []);
  return now;
}
