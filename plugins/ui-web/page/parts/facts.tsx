import type { ComponentChildren } from 'preact';
import type { SessionDay } from '../../../../sdk/contract/rpc.ts';
import type { Attempt, Instant, Session } from '../../../../sdk/contract/session.ts';
import { OUTCOME_LABELS } from '../../../../sdk/wording/attempt.ts';
import { expiryVerb, loginEndVerb } from '../../../../sdk/wording/expiry.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { useTimed } from '../kernel/use-time.ts';
import { DaysText } from './day-strip.tsx';
import { Clock, Moment } from './text.tsx';

type Props = { readonly session: Session; readonly days: readonly SessionDay[] };

/** The times of a session. To check and to renew are two things, and have two times. */
export function Facts({ session, days }: Props) {
  const { account, lastAttempt, lastSuccessAt, lastRenewedAt } = session;
  const { nextAttemptAt, nextAttemptWhy, expiresAt, loginExpiresAt } = session;
  const expiry = useTimed(now => (expiresAt === undefined ? '' : capitalized(expiryVerb(expiresAt, now))));
  const loginEnd = useTimed(now => (loginExpiresAt === undefined ? '' : loginEndVerb(loginExpiresAt, now)));
  const failed = failedAfter(lastAttempt, lastSuccessAt);
  return (
    <dl class="facts">
      {account !== undefined && <Fact name="Account">{account}</Fact>}
      <Fact name="Checked">{lastSuccessAt === undefined ? 'not yet' : <Moment at={lastSuccessAt} />}</Fact>
      {failed && (
        <Fact name="Tried" remark={OUTCOME_LABELS[failed.outcome]}>
          <Moment at={failed.endedAt} />
        </Fact>
      )}
      <Fact name="Renewed">{lastRenewedAt === undefined ? 'not yet' : <Clock at={lastRenewedAt} />}</Fact>
      <Fact name="Next attempt" remark={nextAttemptAt === undefined ? undefined : nextAttemptWhy}>
        {nextAttemptAt === undefined ? 'none planned' : <Moment at={nextAttemptAt} />}
      </Fact>
      {expiresAt !== undefined && (
        <Fact name={expiry}>
          <Moment at={expiresAt} />
        </Fact>
      )}
      {loginExpiresAt !== undefined && (
        <Fact name={`Login ${loginEnd}`} remark="no renewal extends it">
          <Moment at={loginExpiresAt} />
        </Fact>
      )}
      <Fact name="History">
        <DaysText days={days} />
      </Fact>
    </dl>
  );
}

/** The last attempt, if it was made after the last success. */
const failedAfter = (last: Attempt | undefined, success: Instant | undefined): Attempt | undefined =>
  last && (success === undefined || last.endedAt > success) && last.outcome !== 'refreshed' && last.outcome !== 'fresh'
    ? last
    : undefined;

type FactProps = { readonly name: string; readonly remark?: string | undefined; readonly children: ComponentChildren };

export const Fact = ({ name, remark, children }: FactProps) => (
  <>
    <dt>{name}</dt>
    <dd>
      {children} {remark && <span class="quiet">{remark}</span>}
    </dd>
  </>
);
