import type { Delivery, NotifierInfo } from '../../../../sdk/contract/rpc.ts';
import { quietHoursOf } from '../../../../sdk/wording/notifiers.ts';
import { listed } from '../../../../sdk/wording/sentence.ts';

/** How a test notice went: `Shown on this desktop. Not sent to acme.example: it answered 500.` */
export function describeDeliveries(deliveries: readonly Delivery[], notifiers: readonly NotifierInfo[]): string {
  if (deliveries.length === 0) return 'No test notice was sent, because notices go nowhere.';
  return deliveries
    .map(({ id, delivered, reason }) => {
      const place = notifiers.find(one => one.id === id)?.place ?? `by ${id}`;
      if (delivered) return `A test notice was sent ${place}.`;
      return `No test notice was sent ${place}${reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`}.`;
    })
    .join(' ');
}

/** Where notices go, and when they do not. */
export function describePlaces(notifiers: readonly NotifierInfo[]): string {
  const places = notifiers.filter(({ status }) => status === 'on').map(({ place }) => place);
  return places.length === 0
    ? 'Notices appear only on this page and in `keepalive status`.'
    : [`Notices appear ${listed(places)}, and on this page.`, ...quietHoursOf(notifiers)].join(' ');
}
