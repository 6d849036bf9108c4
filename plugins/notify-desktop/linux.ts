import type { Message } from '@jellybrick/dbus-next';
import type { Notice, NoticeLevel } from '../../sdk/contract/session.ts';
import type { Receipt } from '../../sdk/plugin/notifier.ts';
import { connectSessionBus, unrefSessionBus, type SessionBus } from '../../sdk/system/session-bus.ts';
import { escapeMarkup, textOf } from '../../sdk/recipes/notice/text.ts';
import type { Desktop } from './desktop.ts';
import { timeLimit } from '../../sdk/base/time-limit.ts';

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';
const URGENCY: Readonly<Record<NoticeLevel, number>> = { info: 0, warning: 1, error: 2 };
/** The desktop chooses how long a notice is shown. */
const DEFAULT_TIMEOUT = -1;
/** A service that was only now started for this call takes a moment. */
const ANSWERS_WITHIN_MS = 5_000;

type Call = {
  readonly member: string;
  readonly signature: string;
  readonly body: readonly unknown[];
  /** The bus name of the service. [the current one] */
  readonly destination?: string;
};
type CallNotifications = (call: Call, signal: AbortSignal) => Promise<Message>;
type Shown = { readonly number: number; readonly service: string };

/** The desktop's notification service, over the session bus. */
export function freedesktop(busAddress?: string): Desktop {
  const call = notificationCaller(busAddress);
  const shown = new Map<string, Shown>();

  async function withdraw({ id }: Notice, signal: AbortSignal, receipt?: Receipt): Promise<void> {
    const previous = receipt === undefined ? shown.get(id) : shownIn(receipt);
    shown.delete(id);
    if (!previous) return;
    // Addressed by its unique name: a restarted service may have given the number to another program's notice.
    const { number, service } = previous;
    const close = { member: 'CloseNotification', signature: 'u', body: [number], destination: service };
    // It fails if the user has already closed the notice.
    await call(close, signal).catch(() => undefined);
  }

  const capabilitiesOf = (signal: AbortSignal) => call({ member: 'GetCapabilities', signature: '', body: [] }, signal);

  return {
    async unavailable({ signal }) {
      const limit = timeLimit(ANSWERS_WITHIN_MS, signal);
      return capabilitiesOf(limit).then(
        () => undefined,
        () => 'No desktop that shows notices was found.',
      );
    },
    async show(notice, { signal }) {
      const reply = await capabilitiesOf(signal);
      const [capabilities]: unknown[] = reply.body;
      await withdraw(notice, signal);
      const hasMarkup = Array.isArray(capabilities) && capabilities.includes('body-markup');
      const text = hasMarkup ? escapeMarkup(textOf(notice)) : textOf(notice);
      const { body, sender } = await call(await notification(notice, text), signal);
      const [number]: unknown[] = body;
      if (typeof number !== 'number') return undefined;
      if (notice.code !== 'digest') shown.set(notice.id, { number, service: sender });
      return `${number} ${sender}`;
    },
    withdraw: (notice, { signal }, receipt) => withdraw(notice, signal, receipt),
  };
}

/** The notice that a receipt stands for. */
function shownIn(receipt: Receipt): Shown | undefined {
  const [number, service] = receipt.split(' ');
  return service === undefined ? undefined : { number: Number(number), service };
}

async function notification({ title, level }: Notice, text: string): Promise<Call> {
  const { Variant } = await import('@jellybrick/dbus-next');
  const hints = { urgency: new Variant('y', URGENCY[level]) };
  return {
    member: 'Notify',
    signature: 'susssasa{sv}i',
    body: ['Session Keepalive', 0, '', title, text, [], hints, DEFAULT_TIMEOUT],
  };
}

/** Calls the service over one shared connection, because some services let only the sender withdraw a notice. */
function notificationCaller(busAddress: string | undefined): CallNotifications {
  let connection: Promise<SessionBus> | undefined;
  return async ({ destination = NAME, member, signature, body }, signal) => {
    const { Message, DBusError } = await import('@jellybrick/dbus-next');
    for (;;) {
      const isNew = connection === undefined;
      const current = (connection ??= connectSessionBus({ busAddress, signal }));
      try {
        const session = await current;
        // Otherwise a daemon in the foreground would not end.
        if (isNew) unrefSessionBus(session);
        const { bus, lost } = session;
        const message = new Message({ destination, path: PATH, interface: NAME, member, signature, body: [...body] });
        const reply = await unlessAborted(signal, Promise.race([bus.call(message), lost]));
        if (reply) return reply;
      } catch (error) {
        if (error instanceof DBusError) throw error;
        // Reconnect once: the session may have ended and started again.
        connection = undefined;
        current.then(
          ({ bus }) => bus.disconnect(),
          () => undefined,
        );
        if (isNew || signal.aborted) throw error;
      }
    }
  };
}

/** Rejects when the signal is aborted. Neither the bus nor the service has to answer. */
async function unlessAborted<T>(signal: AbortSignal, awaited: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([awaited, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
