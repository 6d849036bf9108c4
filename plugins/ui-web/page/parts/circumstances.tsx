import type { Instant } from '../../../../sdk/contract/session.ts';
import { Clock, Command } from './text.tsx';

/** Before anything is known. */
export const Loading = () => (
  <section class="loading" aria-busy="true" aria-label="Loading">
    <p class="unseen">Asking the daemon…</p>
    {[1, 2, 3].map(row => (
      <div key={row} class="shade" />
    ))}
  </section>
);

export const LostBanner = ({ since, now }: { readonly since: Instant | undefined; readonly now: Instant }) => (
  <div class="banner" role="alert">
    <strong>The daemon does not answer.</strong>{' '}
    {since === undefined ? (
      'It is tried again each second.'
    ) : (
      <>
        What you see is as of <Clock at={since} now={now} />. It is tried again each second.
      </>
    )}
  </div>
);

/** The daemon is another one than the one that let this browser in. */
export const Ended = () => (
  <main class="alone">
    <h1>This page has to be opened anew</h1>
    <p>
      The daemon was restarted, and what let this browser in ended with the old one. Nothing is lost: your sessions and
      settings are where they were.
    </p>
    <p>
      <Command text="keepalive ui" />
    </p>
  </main>
);

export const NoSessions = () => (
  <section class="empty" aria-labelledby="empty-heading">
    <h2 id="empty-heading">Nothing is kept alive yet</h2>
    <p>No tool that you are signed in to was found. Sign in to one, and name it in your configuration:</p>
    <p>
      <Command text="keepalive config init" />
    </p>
    <p>
      To see how it works first, start the daemon with a practice session: <Command text="keepalive restart --demo" />
    </p>
  </section>
);
