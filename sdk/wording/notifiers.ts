import type { NoticeRoute, QuietHours } from '../contract/config.ts';
import type { NotifierInfo } from '../contract/rpc.ts';
import type { Instant } from '../contract/session.ts';
import { describeDays } from './schedule.ts';
import { counted, listed } from './sentence.ts';
import { untilTime } from './time.ts';

/** Where notices go, and when they do not. */
export function describeNotifiers(notifiers: readonly NotifierInfo[]): string {
  const on = notifiers.filter(({ status }) => status === 'on');
  if (on.length > 0) return [`Notices appear ${listed(on.map(({ place }) => place))}.`, ...quietHoursOf(on)].join(' ');
  const silent = notifiers.map(notifier => whyNot(notifier));
  return `Notices go nowhere${silent.length > 0 ? `: ${silent.join(' ')}` : ', because no notifier is configured.'}`;
}

function whyNot({ id, status, reason }: NotifierInfo): string {
  if (status === 'off') return `${id} is switched off (\`keepalive notify on ${id}\`).`;
  return reason === undefined ? `${id} cannot work.` : uncapitalised(reason);
}

/** A sentence after a colon. A name such as D-Bus keeps its capital. */
const uncapitalised = (text: string): string => text.replace(/^[A-Z](?=[a-z]* )/, letter => letter.toLowerCase());

/** The quiet hours as a sentence. They are the same for every notifier. */
export const quietHoursOf = (notifiers: readonly NotifierInfo[]): readonly string[] =>
  notifiers.flatMap(({ quiet }) => (quiet ? [describeQuiet(quiet)] : [])).slice(0, 1);

function describeQuiet({ from, to, except = [], ...days }: QuietHours): string {
  const passing = except.length > 0 ? `, except ${listed(except)}` : '';
  return `They are held from ${from} to ${to}${describeDays(days)}${passing}.`;
}

/** What one notifier gets and what waits for it, in sentences. */
export function describeDelivery({ route, waiting = 0, quiet }: NotifierInfo, now: Instant): readonly string[] {
  const until = quiet?.until === undefined ? '' : ` until ${untilTime(quiet.until, now)}`;
  return [
    ...(route ? [`It gets ${describeRoute(route)}.`] : []),
    ...(waiting > 0 ? [`${counted(waiting, 'notice')} ${waiting === 1 ? 'waits' : 'wait'}${until}.`] : []),
  ];
}

function describeRoute({ sessions, levels, codes }: NoticeRoute): string {
  const limits = [
    ...(sessions ? [`about ${listed(sessions, 'or')}`] : []),
    ...(levels ? [`of level ${listed(levels, 'or')}`] : []),
    ...(codes ? [`with the code ${listed(codes, 'or')}`] : []),
  ];
  return limits.length > 0 ? `only notices ${limits.join(' ')}` : 'every notice';
}
