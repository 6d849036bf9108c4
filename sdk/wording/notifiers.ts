import type { NotifierInfo } from '../contract/rpc.ts';
import { listed } from './sentence.ts';

/** Where notices go, as one sentence. */
export function describeNotifiers(notifiers: readonly NotifierInfo[]): string {
  const on = notifiers.filter(({ status }) => status === 'on').map(({ place }) => place);
  if (on.length > 0) return `Notices appear ${listed(on)}.`;
  const silent = notifiers.map(notifier => whyNot(notifier));
  return `Notices go nowhere${silent.length > 0 ? `: ${silent.join(' ')}` : ', because no notifier is configured.'}`;
}

function whyNot({ id, status, reason }: NotifierInfo): string {
  if (status === 'off') return `${id} is switched off (\`keepalive notify on ${id}\`).`;
  return reason === undefined ? `${id} cannot work.` : uncapitalised(reason);
}

/** A sentence after a colon. A name such as D-Bus keeps its capital. */
const uncapitalised = (text: string): string => text.replace(/^[A-Z](?=[a-z]* )/, letter => letter.toLowerCase());
