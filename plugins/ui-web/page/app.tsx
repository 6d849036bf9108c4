import { useEffect, useReducer, useState } from 'preact/hooks';
import type { KeepaliveClient } from '../../../sdk/client/create-client.ts';
import { useNow } from './clock.ts';
import { KernelContext } from './kernel-context.ts';
import { follow } from './live.ts';
import { learn, START, type Told } from './model.ts';
import { Ended, Loading, LostBanner, NoSessions } from './parts/circumstances.tsx';
import { Doctor } from './parts/doctor.tsx';
import { Foot } from './parts/foot.tsx';
import { History } from './parts/history.tsx';
import { Masthead } from './parts/masthead.tsx';
import { Notices } from './parts/notices.tsx';
import { Overview } from './parts/overview.tsx';
import { SessionCard } from './parts/session-card.tsx';
import { Timeline } from './parts/timeline.tsx';
import type { Instant } from '../../../sdk/contract/session.ts';

const disconnected: KeepaliveClient['request'] = () => Promise.reject(new Error('The daemon does not answer.'));

export function App() {
  const [model, tell] = useReducer(learn, START);
  const [client, setClient] = useState<KeepaliveClient>();
  const now = useNow();
  // A browser that is not let in is told by the model.
  useEffect(() => void follow(tell).then(setClient, () => undefined), []);
  const { connection, told, lostAt, announcement } = model;
  const live = connection === 'live';
  if (connection === 'ended') return <Ended />;
  return (
    <KernelContext.Provider value={{ live, request: client?.request ?? disconnected }}>
      <a class="skip" href="#main">
        Skip to the sessions
      </a>
      <Masthead sessions={told?.sessions} connection={connection} />
      {connection === 'lost' && <LostBanner since={lostAt} now={now} />}
      <p class="unseen" role="status">
        {announcement}
      </p>
      <main id="main" tabIndex={-1}>
        {told ? <Content told={told} now={now} tell={tell} /> : <Loading />}
      </main>
      {told && <Foot info={told.info} now={now} />}
      <datalist id="time-zones">
        {Intl.supportedValuesOf('timeZone').map(zone => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </KernelContext.Provider>
  );
}

function Content({
  told,
  now,
  tell,
}: {
  readonly told: Told;
  readonly now: Instant;
  readonly tell: (news: Parameters<typeof learn>[1]) => void;
}) {
  const { sessions, notices, attempts, plan, config } = told;
  return (
    <>
      <Notices notices={notices} now={now} />
      {sessions.length === 0 ? (
        <NoSessions />
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
          <History told={told} now={now} tell={tell} />
        </>
      )}
      <Doctor />
    </>
  );
}
