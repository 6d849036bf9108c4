import type { KernelInfo } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { versionSkewOf } from '../../../../sdk/wording/version-skew.ts';
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

type LostBannerProps = {
  readonly since: Instant | undefined;
  /** Another program answers at this page's address. */
  readonly isTaken: boolean | undefined;
};

export const LostBanner = ({ since, isTaken }: LostBannerProps) => (
  <div class="banner" role="alert">
    <p>
      <strong>
        {isTaken
          ? 'What answers at this address is not the Keepalive that this page belongs to.'
          : 'Keepalive is not running, or does not answer.'}
      </strong>{' '}
      {since !== undefined && (
        <>
          This page shows how it was at <Clock at={since} />.
        </>
      )}
    </p>
    {isTaken ? (
      <p>
        To open the page where Keepalive is now: <Command text="keepalive ui" />
      </p>
    ) : (
      <p>
        To start it: <Command text="keepalive start" /> This page then comes back by itself. If it does not, its address
        has changed: <Command text="keepalive ui" />
      </p>
    )}
  </div>
);

/** After an update, until the daemon is restarted. */
export function SkewBanner({ info }: { readonly info: KernelInfo }) {
  const skew = versionSkewOf(info);
  if (!skew) return null;
  return (
    <div class="banner" role="status">
      <p>
        <strong>{skew.message}</strong> Restart to update: {skew.action && <Command text={skew.action} />}
      </p>
    </div>
  );
}

/** The daemon does not let this browser in any more. */
export const Ended = () => (
  <main class="alone">
    <h1>This page has to be opened again</h1>
    <p>
      It was closed, or not used for 12 hours. Your sessions and settings are unchanged. To open the page, type in a
      terminal:
    </p>
    <p>
      <Command text="keepalive ui" />
    </p>
  </main>
);
