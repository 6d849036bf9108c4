import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import type { KeepaliveClient } from '../../../sdk/client/create-client.ts';
import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { attentionOf } from '../../../sdk/wording/attention.ts';
import { pageHeadline, pageTitle } from './format/headline.ts';
import { connectToKernel } from './kernel/live.ts';
import { reduce, START, type Snapshot } from './kernel/model.ts';
import { KernelContext, type Kernel } from './kernel/use-kernel.ts';
import { useNow } from './kernel/use-time.ts';
import { Ended, Loading, LostBanner } from './parts/circumstances.tsx';
import { Content, sectionsOf } from './parts/content.tsx';
import { Footer, Masthead } from './parts/masthead.tsx';

const disconnected: KeepaliveClient['request'] = () => Promise.reject(new Error('The daemon does not answer.'));

export function App() {
  const [{ connection, snapshot, lostAt, announcement }, dispatch] = useReducer(reduce, START);
  const [client, setClient] = useState<KeepaliveClient>();
  const now = useNow(snapshot?.sessions.flatMap(endsOf) ?? []);
  // It rejects only if the daemon refuses this browser. The model shows that.
  useEffect(() => void connectToKernel(dispatch).then(setClient, () => undefined), []);
  const live = connection === 'live';
  const kernel = useMemo((): Kernel => {
    const update = (part: Partial<Snapshot>) => dispatch({ type: 'snapshot', snapshot: part });
    return { live, request: client?.request ?? disconnected, update };
  }, [live, client]);
  if (connection === 'ended') return <Ended />;
  const isLost = connection === 'lost';
  const items = snapshot ? attentionOf(snapshot, now) : [];
  return (
    <KernelContext.Provider value={kernel}>
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
const endsOf = ({ expiresAt, loginExpiresAt }: Session): readonly Instant[] =>
  [expiresAt, loginExpiresAt].filter(end => end !== undefined);
