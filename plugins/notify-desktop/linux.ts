import { EventEmitter, once } from 'node:events';
import type { Message, MessageBus } from '@jellybrick/dbus-next';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Notice, NoticeLevel } from '../../sdk/contract/session.ts';
import { textOf, type Desktop } from './desktop.ts';

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';
const URGENCY: Readonly<Record<NoticeLevel, number>> = { info: 0, warning: 1, error: 2 };
/** How long it is shown is for the desktop to say. */
const AS_USUAL = -1;

type Connection = { readonly bus: MessageBus; readonly lost: Promise<never> };
type Shown = { readonly number: number; readonly by: string };

/** The desktop's notification service, over the session bus. */
export function freedesktop(busAddress?: string): Desktop {
  const shown = new Map<string, Shown>();
  let connection: Promise<Connection> | undefined;

  /** One connection for all calls: some services let nobody else take back what it showed. A lost one is made anew. */
  async function call(
    signal: AbortSignal,
    destination: string,
    member: string,
    signature: string,
    body: readonly unknown[],
  ): Promise<Message> {
    const { Message, DBusError } = await import('@jellybrick/dbus-next');
    for (;;) {
      const isNew = connection === undefined;
      const current = (connection ??= connect(busAddress, signal));
      try {
        const { bus, lost } = await current;
        const message = new Message({ destination, path: PATH, interface: NAME, member, signature, body: [...body] });
        const reply = await unless(signal, Promise.race([bus.call(message), lost]));
        if (reply) return reply;
      } catch (error) {
        if (error instanceof DBusError) throw error;
        connection = undefined;
        current.then(
          ({ bus }) => bus.disconnect(),
          () => {},
        );
        if (isNew || signal.aborted) throw error;
      }
    }
  }

  async function withdraw({ id }: Notice, signal: AbortSignal): Promise<void> {
    const former = shown.get(id);
    shown.delete(id);
    // Asked by its own name: a service that was started since would take the number for somebody else's. Closed already is an error, too.
    if (former) await call(signal, former.by, 'CloseNotification', 'u', [former.number]).catch(() => {});
  }

  return {
    async show(notice, { signal }) {
      const { Variant } = await import('@jellybrick/dbus-next');
      const {
        body: [capabilities],
      } = await call(signal, NAME, 'GetCapabilities', '', []);
      await withdraw(notice, signal);
      const hasMarkup = Array.isArray(capabilities) && capabilities.includes('body-markup');
      const text = hasMarkup ? escapeMarkup(textOf(notice)) : textOf(notice);
      const {
        body: [number],
        sender,
      } = await call(signal, NAME, 'Notify', 'susssasa{sv}i', [
        'Session Keepalive',
        0,
        '',
        notice.title,
        text,
        [],
        { urgency: new Variant('y', URGENCY[notice.level]) },
        AS_USUAL,
      ]);
      if (typeof number === 'number') shown.set(notice.id, { number, by: sender });
    },
    withdraw: (notice, { signal }) => withdraw(notice, signal),
  };
}

async function connect(busAddress: string | undefined, signal: AbortSignal): Promise<Connection> {
  const { sessionBus } = await import('@jellybrick/dbus-next');
  const bus = sessionBus({ ...(busAddress !== undefined && { busAddress }) });
  const events: EventEmitter = bus;
  // Stays: without a listener, an error of the connection would end the daemon.
  const lost = new Promise<never>((_resolve, reject) => {
    events.on('error', reject);
    // The library keeps it to itself when the other side closes, and calls would wait for ever.
    const inner: unknown = Reflect.get(bus, '_connection');
    if (inner instanceof EventEmitter)
      inner.once('end', () =>
        reject(
          new KeepaliveError('KA_PROGRAM_FAILED', { program: 'the session bus', reason: 'It closed the connection.' }),
        ),
      );
  });
  lost.catch(() => {});
  try {
    await unless(signal, Promise.race([once(events, 'connect', { signal }), lost]));
    return { bus, lost };
  } catch (error) {
    bus.disconnect();
    throw error;
  }
}

/** What is awaited, or a rejection once the signal is aborted: neither a bus nor a service need ever answer. */
async function unless<T>(signal: AbortSignal, awaited: Promise<T>): Promise<T> {
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

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapeMarkup = (text: string): string => text.replace(/[&<>]/g, character => ENTITIES[character] ?? '');
