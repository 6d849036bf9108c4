import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { attentionOf } from '../../../sdk/wording/attention.ts';
import { pageHeadline, pageTitle } from './format/headline.ts';
import { connectToKernel, type Request } from './kernel/live.ts';
import { reduce, START, type Snapshot } from './kernel/model.ts';
import { KernelContext, type Kernel } from './kernel/use-kernel.ts';
import { useSignInTarget } from './kernel/use-sign-in-target.ts';
import { useNow } from './kernel/use-time.ts';
import { Ended, Loading, LostBanner, SkewBanner } from './parts/circumstances.tsx';
import { Content, sectionsOf } from './parts/content.tsx';
import { Footer, Masthead } from './parts/masthead.tsx';
import { SignIn } from './parts/sign-in.tsx';

const disconnected: Request = () => Promise.reject(new Error('Keepalive does not answer.'));

export function App() {
  const [{ connection, connects, snapshot, fleet, lostAt, isTaken, announcement, signIn: change }, dispatch] =
    useReducer(reduce, START);
  const [request, setRequest] = useState(() => disconnected);
  const now = useNow(snapshot?.sessions.flatMap(endsOf) ?? []);
  // It rejects only if the daemon refuses this browser. The model shows that.
  useEffect(() => {
    connectToKernel(dispatch).then(
      connected => setRequest(() => connected),
      () => undefined,
    );
  }, []);
  const { target, open, close } = useSignInTarget();
  const live = connection === 'live';
  const kernel = useMemo((): Kernel => {
    const update = (part: Partial<Snapshot>) => dispatch({ type: 'snapshot', snapshot: part });
    return { live, request, update, signIn: open };
  }, [live, request]);
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
        sections={snapshot ? sectionsOf(snapshot, fleet) : {}}
      />
      {isLost && <LostBanner since={lostAt} isTaken={isTaken} />}
      {live && snapshot && <SkewBanner info={snapshot.info} />}
      <p class="unseen" role="status">
        {announcement}
      </p>
      {snapshot && <SignIn {...{ target, close, change, connects, fleet }} sessions={snapshot.sessions} />}
      <main id="main" tabIndex={-1} class={isLost ? 'stale' : ''}>
        {snapshot ? <Content {...{ snapshot, fleet, items, now, dispatch }} /> : <Loading />}
      </main>
      {snapshot && <Footer info={snapshot.info} />}
      <TimeZones />
    </KernelContext.Provider>
  );
}

const TimeZones = () => (
  <datalist id="time-zones">
    {Intl.supportedValuesOf('timeZone').map(zone => (
      <option key={zone} value={zone} />
    ))}
  </datalist>
);

/** When a session may come to need the user by itself. */
const endsOf = ({ expiresAt, loginExpiresAt }: Session): readonly Instant[] =>
  [expiresAt, loginExpiresAt].filter(end => end !== undefined);
