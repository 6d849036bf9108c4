import type { Instant } from '../../../../sdk/contract/session.ts';
import { describeSessions } from '../../../../sdk/wording/overview.ts';
import { Clock, Command } from './text.tsx';

/** Before the first snapshot. */
export const Loading = () => (
  <section class="loading" aria-busy="true" aria-label="Loading">
    <p class="unseen">Loading…</p>
    {[1, 2, 3].map(row => (
      <div key={row} class="shade" />
    ))}
  </section>
);

export const LostBanner = ({ since }: { readonly since: Instant | undefined }) => (
  <div class="banner" role="alert">
    <strong>The daemon does not answer.</strong>{' '}
    {since !== undefined && (
      <>
        This page shows how it was at <Clock at={since} />.
      </>
    )}{' '}
    It retries every second.
  </div>
);

/** This daemon is not the one that let this browser in. */
export const Ended = () => (
  <main class="alone">
    <h1>This page has to be opened again</h1>
    <p>
      The daemon was restarted, and the new one does not know this browser. Your sessions and settings are unchanged.
    </p>
    <p>
      <Command text="keepalive ui" />
    </p>
  </main>
);

export const NoSessions = () => (
  <section class="empty" aria-labelledby="empty-heading">
    <h2 id="empty-heading">{describeSessions({ total: 0, paused: 0 })}</h2>
    <p>No tool that you are signed in to was found. Sign in to one, and name it in your configuration:</p>
    <p>
      <Command text="keepalive config init" />
    </p>
    <p>
      To see how it works first, start the daemon with a practice session: <Command text="keepalive restart --demo" />
    </p>
  </section>
);
