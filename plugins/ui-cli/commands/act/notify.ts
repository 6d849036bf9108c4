import type { Delivery, NotifierInfo } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { describeDelivery, describeNotifiers } from '../../../../sdk/wording/notifiers.ts';
import type { Command } from '../../context/command.ts';
import { EXIT } from '../../context/exit.ts';
import type { View } from '../../render/view.ts';
import { wrap } from '../../render/width.ts';

/** Sends a test notice. Fails if it reached the user nowhere. */
export const test: Command = async ({ args: [id], daemon }) => {
  const client = await daemon();
  const deliveries = await client.request('notifier/test', { id });
  const notifiers = await client.request('notifier/list');
  return {
    document: deliveries,
    text: view => renderDeliveries(deliveries, notifiers, view),
    exitCode: deliveries.some(({ delivered }) => delivered) ? EXIT.fine : EXIT.failed,
  };
};

export const list: Command = async ({ daemon, now }) => {
  const notifiers = await (await daemon()).request('notifier/list');
  return { document: notifiers, text: view => renderNotifiers(notifiers, view, now()) };
};

const turn =
  (enabled: boolean): Command =>
  async ({ args: [given], daemon, now }) => {
    const client = await daemon();
    const ids = given === undefined ? (await client.request('notifier/list')).map(({ id }) => id) : [given];
    for (const id of ids) await client.request('notifier/configure', { id, enabled });
    const notifiers = await client.request('notifier/list');
    return { document: notifiers, text: view => renderNotifiers(notifiers, view, now()) };
  };

export const on = turn(true);
export const off = turn(false);

function renderNotifiers(notifiers: readonly NotifierInfo[], { width, paint }: View, now: Instant): string {
  const lines = notifiers.map(notifier => {
    const { id, place, status, reason } = notifier;
    const mark = status === 'on' ? paint('green', '✓') : status === 'off' ? '‖' : paint('yellow', '▲');
    const text = { on: `delivers notices ${place}.`, off: 'switched off.', unavailable: reason ?? 'unavailable.' };
    return wrap([`${mark} ${id}: ${text[status]}`, ...describeDelivery(notifier, now)].join(' '), width, '  ');
  });
  return [...lines, ...(lines.length > 0 ? [''] : []), wrap(summaryOf(notifiers), width)].join('\n');
}

/** The lines above it have the reasons already. */
function summaryOf(notifiers: readonly NotifierInfo[]): string {
  const switched = notifiers.filter(({ status }) => status !== 'unavailable');
  return switched.length > 0 || notifiers.length === 0 ? describeNotifiers(switched) : NOWHERE;
}

const NOWHERE =
  'Notices go nowhere; `keepalive status` shows them. To be notified by ntfy, e-mail, Slack or another way, add its ' +
  'plugin to the configuration (docs/notices.md), which `keepalive config init` writes. Then try it with ' +
  '`keepalive notify test`.';

function renderDeliveries(
  deliveries: readonly Delivery[],
  notifiers: readonly NotifierInfo[],
  { width, paint }: View,
): string {
  if (deliveries.length === 0) return wrap(describeNotifiers(notifiers), width);
  return deliveries
    .map(({ id, delivered, reason = 'No reason was given.' }) =>
      delivered
        ? wrap(`${paint('green', '✓')} ${id}: the test notice was sent.`, width, '  ')
        : wrap(`${paint('red', '✗')} ${id} could not deliver the test notice: ${reason}`, width, '  '),
    )
    .join('\n');
}
