import { EventEmitter, once } from 'node:events';
import { sessionBus, type MessageBus } from '@jellybrick/dbus-next';

export type OpenBus = { readonly bus: MessageBus; readonly lost: Promise<never> };

/** The person's session bus; undefined where there is none to connect to. */
export async function openBus(): Promise<OpenBus | undefined> {
  const bus = sessionBus();
  // Not typed: the library also emits `error`.
  const events: EventEmitter = bus;
  const lost = new Promise<never>((_resolve, reject) => {
    events.on('error', reject);
    // The library keeps it to itself when the other side closes.
    const connection: unknown = Reflect.get(bus, '_connection');
    if (connection instanceof EventEmitter)
      connection.once('end', () => reject(new Error('The session bus closed the connection.')));
  });
  lost.catch(() => undefined);
  try {
    await Promise.race([once(events, 'connect'), lost]);
    return { bus, lost };
  } catch {
    bus.disconnect();
    return undefined;
  }
}
