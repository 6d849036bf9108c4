import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { EXPIRY_UNKNOWN, expiryVerb, loginEndVerb } from '../../../../sdk/wording/expiry.ts';
import { STATUS_LABELS, STATUS_TONES, statusOf } from '../../../../sdk/wording/status.ts';
import { loginTone, remaining } from '../format/expiry.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { fromNow, statusLabel } from '../format/labels.ts';
import { useTimed } from '../kernel/use-time.ts';
import { Clock, LabelText, Moment } from './text.tsx';

type Props = { readonly session: Session };

/** `isPast`: how it was when its machine was last heard. */
export function StatusText({ session, isPast }: Props & { readonly isPast?: boolean | undefined }) {
  const status = useTimed(now => statusOf(session, now));
  if (isPast) return <span class="quiet">Was {STATUS_LABELS[status]}</span>;
  return <LabelText label={statusLabel(status)} />;
}

/** What is to come. It may be late. */
const upcoming = (at: Instant, now: Instant): string => (at > now ? fromNow(at, now) : 'due now');

/** When the credential expires, or that it has. In the colour of trouble if nothing renews it. */
export function Expiry({ session, format = fromNow }: Props & { readonly format?: typeof fromNow }) {
  const { expiresAt } = session;
  const verb = useTimed(now => (expiresAt === undefined ? '' : expiryVerb(expiresAt, now)));
  const isTrouble = useTimed(now => isExpired(session, now));
  if (expiresAt === undefined) return <p class="expiry-text">{capitalized(EXPIRY_UNKNOWN)}</p>;
  return (
    <p class={`expiry-text ${isTrouble ? 'tone-bad' : ''}`}>
      {capitalized(verb)} <Moment at={expiresAt} format={format} />
    </p>
  );
}

/** Past its end, and not in the time that its own program has to renew it. */
function isExpired(session: Session, now: Instant): boolean {
  const { expiresAt } = session;
  const tone = STATUS_TONES[statusOf(session, now)];
  return expiresAt !== undefined && expiresAt <= now && ['trouble', 'stopped', 'login'].includes(tone);
}

/** A bar that shortens with the time left. */
export function ExpiryBar({ session }: Props) {
  const tone = useTimed(now => remaining(session, now)?.tone);
  const width = useTimed(now => ((remaining(session, now)?.share ?? 0) * 100).toFixed(1));
  if (tone === undefined) return null;
  return (
    <div class={`bar tone-${tone}`} aria-hidden="true">
      <span style={{ width: `${width}%` }} />
    </div>
  );
}

export const Checked = ({ session: { lastSuccessAt } }: Props) => (
  <p class="checked">
    {lastSuccessAt === undefined ? (
      'Not checked yet'
    ) : (
      <>
        Checked <Moment at={lastSuccessAt} />
      </>
    )}
  </p>
);

/** Nothing if it was not renewed since it is kept. */
export const Renewed = ({ session: { lastRenewedAt } }: Props) =>
  lastRenewedAt === undefined ? null : (
    <p class="renewed">
      Renewed <Clock at={lastRenewedAt} />
    </p>
  );

export const NextCheck = ({ session: { nextAttemptAt } }: Props) => (
  <p class="next">
    {nextAttemptAt === undefined ? (
      'No attempt planned'
    ) : (
      <>
        Next attempt <Moment at={nextAttemptAt} format={upcoming} />
      </>
    )}
  </p>
);

/** When the login ends. No renewal extends it. */
export function LoginEnd({ session: { loginExpiresAt } }: Props) {
  const tone = useTimed(now => (loginExpiresAt === undefined ? 'quiet' : loginTone(loginExpiresAt, now)));
  const verb = useTimed(now => (loginExpiresAt === undefined ? '' : loginEndVerb(loginExpiresAt, now)));
  if (loginExpiresAt === undefined) return null;
  return (
    <p class={`login tone-${tone}`}>
      Login {verb} <Moment at={loginExpiresAt} />
    </p>
  );
}
