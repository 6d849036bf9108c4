import { groupBy } from '../base/group-by.ts';
import type { Notice, NoticeCode } from '../contract/session.ts';
import { worstFirst } from './attention.ts';
import { listed, sentence } from './sentence.ts';

/** A message with more lines is not read. */
const MAX_LINES = 20;

/** What happened to more than one session. Other notices are only counted. */
const SUMMARIES: Partial<Record<NoticeCode, string>> = {
  'login-required': 'sessions need a login',
  failing: 'sessions cannot be kept alive',
  'login-ends-soon': 'logins end soon',
  recovered: 'sessions are alive again',
};

/** What a program or an address of the user gets. `notices` are those that a digest sums up. */
export type NoticeEvent = {
  readonly event: 'raise' | 'clear';
  /** The name of the machine that the notice is about, and on which its commands are typed. */
  readonly machine: string;
  readonly notice: Notice;
  readonly notices?: readonly Notice[];
};

/** Several notices as one, for a channel that shows text: `Codex needs a login and 3 sessions are alive again`. */
export function digestOf(notices: readonly Notice[]): Notice {
  const sorted = worstFirst(notices);
  const hidden = sorted.length > MAX_LINES ? sorted.length - MAX_LINES + 1 : 0;
  const lines = sorted.slice(0, sorted.length - hidden).map(lineOf);
  return {
    // Two digests are two messages.
    id: `keepalive:digest:${notices.at(-1)?.id}`,
    session: 'keepalive',
    level: sorted[0]?.level ?? 'info',
    code: 'digest',
    title: summaryOf(sorted),
    body: [...lines, ...(hidden > 0 ? [`And ${hidden} more: see \`keepalive status\`.`] : [])].join('\n'),
    raisedAt: Math.max(...notices.map(({ raisedAt }) => raisedAt)),
  };
}

function summaryOf(sorted: readonly Notice[]): string {
  const groups = [...groupBy(sorted, ({ code }) => SUMMARIES[code] ?? 'other notices')];
  const [only] = groups;
  if (groups.length === 1 && only?.[0] === 'other notices') return `${only[1].length} notices`;
  return listed(
    groups.map(([what, [first, ...more]]) => (more.length === 0 ? (first?.title ?? '') : `${more.length + 1} ${what}`)),
  );
}

/** Good news needs no advice. */
const lineOf = ({ title, action, level }: Notice): string =>
  action === undefined || level === 'info' ? title : `${sentence(title)} ${action}`;
