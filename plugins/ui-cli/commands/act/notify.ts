import type { Delivery, NotifierInfo } from '../../../../sdk/contract/rpc.ts';
import { describeNotifiers } from '../../../../sdk/wording/notifiers.ts';
import type { Command } from '../../context/command.ts';
import { EXIT } from '../../context/exit.ts';
import type { View } from '../../render/view.ts';
import { wrap } from '../../render/width.ts';

/** Sends a test notice. Fails if it reached the user nowhere. */
export const test: Command = async ({ daemon }) => {
  const client = await daemon();
  const deliveries = await client.request('notifier/test');
  const notifiers = await client.request('notifier/list');
  return {
    document: deliveries,
    text: view => renderDeliveries(deliveries, notifiers, view),
    exitCode: deliveries.some(({ delivered }) => delivered) ? EXIT.fine : EXIT.failed,
  };
};

export const list: Command = async ({ daemon }) => {
  const notifiers = await (await daemon()).request('notifier/list');
  return { document: notifiers, text: view => renderNotifiers(notifiers, view) };
};

const turn =
  (enabled: boolean): Command =>
  async ({ args: [given], daemon }) => {
    const client = await daemon();
    const ids = given === undefined ? (await client.request('notifier/list')).map(({ id }) => id) : [given];
    for (const id of ids) await client.request('notifier/configure', { id, enabled });
    const notifiers = await client.request('notifier/list');
    return { document: notifiers, text: view => renderNotifiers(notifiers, view) };
  };

export const on = turn(true);
export const off = turn(false);

function renderNotifiers(notifiers: readonly NotifierInfo[], { width, paint }: View): string {
  const lines = notifiers.map(({ id, place, status, reason }) => {
    const mark = status === 'on' ? paint('green', '✓') : status === 'off' ? '‖' : paint('yellow', '▲');
    const text = { on: `shows notices ${place}.`, off: 'switched off.', unavailable: reason ?? 'unavailable.' };
    return wrap(`${mark} ${id}: ${text[status]}`, width, '  ');
  });
  return [...lines, ...(lines.length > 0 ? [''] : []), wrap(describeNotifiers(notifiers), width)].join('\n');
}

function renderDeliveries(
  deliveries: readonly Delivery[],
  notifiers: readonly NotifierInfo[],
  { width, paint }: View,
): string {
  if (deliveries.length === 0) return wrap(describeNotifiers(notifiers), width);
  const placeOf = (id: string) => notifiers.find(notifier => notifier.id === id)?.place ?? `through ${id}`;
  return deliveries
    .map(({ id, delivered, reason = 'No reason was given.' }) =>
      delivered
        ? wrap(`${paint('green', '✓')} The test notice was shown ${placeOf(id)}.`, width, '  ')
        : wrap(`${paint('red', '✗')} ${id} could not deliver the test notice: ${reason}`, width, '  '),
    )
    .join('\n');
}
