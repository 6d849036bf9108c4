import type { RpcNotification, RpcNotifications } from '../../sdk/contract/rpc.ts';
import type { Events } from '../events.ts';

type Send = <N extends RpcNotification>(notification: N, params: Parameters<RpcNotifications[N]>[0]) => void;

/** Sends the kernel's events to clients. */
export function announceEvents(events: Events, send: Send): void {
  events.on('changed', session => send('session/didChange', session));
  events.on('attempted', attempt => send('session/didAttempt', attempt));
  events.on('raised', notice => send('notice/didRaise', notice));
  events.on('cleared', notice => send('notice/didClear', notice));
  events.on('reloaded', file => send('config/didChange', { file }));
  events.on('stopping', reason => send('kernel/willStop', { reason }));
}
