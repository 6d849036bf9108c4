import { sameUntil } from '../../../sdk/base/ended.ts';
import type { Instant, Notice, Session } from '../../../sdk/contract/session.ts';
import { attentionOn, type Attention } from '../../../sdk/wording/attention.ts';
import { prospectOf, type Prospect } from '../../../sdk/wording/headline.ts';
import { remarkOnSession, type Remark } from './remarks.ts';

/** What the overview says of one session. */
export type Row = Prospect & {
  readonly attention: Attention | undefined;
  readonly remark: Remark | undefined;
  /** It holds until then, or until the session or a notice about it changes. */
  readonly until: Instant;
};

/** A remark may say how long ago something was, in minutes. */
const REMARK_HOLDS_MS = 20_000;

export function rowOf(session: Session, notices: readonly Notice[], now: Instant): Row {
  const attention = attentionOn(session, notices, now);
  const remark = remarkOnSession(session, attention, notices, now);
  const until = Math.min(sameUntil(session, now), remark ? now + REMARK_HOLDS_MS : Infinity);
  return { ...prospectOf(session, now), attention, remark, until };
}
