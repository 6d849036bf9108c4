import { EventEmitter, once } from 'node:events';
import { Socket } from 'node:net';
import type { MessageBus } from '@jellybrick/dbus-next';
import { KeepaliveError } from '../contract/errors.ts';

export type SessionBus = {
  readonly bus: MessageBus;
  /** Rejects when the connection fails or is closed. A pending call would otherwise wait forever. */
  readonly lost: Promise<never>;
};

type BusOptions = { readonly busAddress?: string | undefined; readonly signal?: AbortSignal | undefined };

/** Connects to the user's D-Bus session bus. Rejects if there is none. */
export async function connectSessionBus({ busAddress, signal }: BusOptions = {}): Promise<SessionBus> {
  const { sessionBus } = await import('@jellybrick/dbus-next');
  const bus = sessionBus({ ...(busAddress !== undefined && { busAddress }) });
  // The library's types do not declare its `error` event.
  const events: EventEmitter = bus;
  const lost = new Promise<never>((_resolve, reject) => {
    // Stays registered: an `error` event without a listener would end the process.
    events.on('error', reject);
    // The library does not report that the other side has closed the connection.
    const connection: unknown = Reflect.get(bus, '_connection');
    if (connection instanceof EventEmitter) connection.once('end', () => reject(closed()));
  });
  lost.catch(() => undefined);
  try {
    await Promise.race([once(events, 'connect', { ...(signal && { signal }) }), lost]);
    return { bus, lost };
  } catch (error) {
    bus.disconnect();
    throw error;
  }
}

/** Lets the process end while it is connected. */
export function unrefSessionBus({ bus }: SessionBus): void {
  const connection: unknown = Reflect.get(bus, '_connection');
  const stream: unknown = connection instanceof EventEmitter ? Reflect.get(connection, 'stream') : undefined;
  if (stream instanceof Socket) stream.unref();
}

const closed = (): Error =>
  new KeepaliveError('KA_PROGRAM_FAILED', { program: 'the session bus', reason: 'It closed the connection.' });
