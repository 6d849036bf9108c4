import type { NotifierInfo } from '../contract/rpc.ts';

/** Where notices go, as one sentence. */
export function describeNotifiers(notifiers: readonly NotifierInfo[]): string {
  const on = notifiers.filter(({ status }) => status === 'on').map(({ place }) => place);
  if (on.length > 0) return `Notices appear ${listOf(on)}.`;
  const silent = notifiers.map(notifier => whyNot(notifier));
  return `Notices go nowhere${silent.length > 0 ? `: ${silent.join(' ')}` : ', because no notifier is configured.'}`;
}

function whyNot({ id, status, reason }: NotifierInfo): string {
  return status === 'off' ? `${id} is switched off (\`keepalive notify on ${id}\`).` : (reason ?? `${id} cannot work.`);
}

const listOf = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
