import type { Instant } from '../../../../sdk/contract/session.ts';
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
