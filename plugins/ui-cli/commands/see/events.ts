import { aborted } from '../../../../sdk/base/aborted.ts';
import type { Command } from '../../context/command.ts';

/** Prints each notification as a line of JSON, from one daemon after the other. */
export const events: Command = async ({ daemon, screen, now, interrupted }) => {
  const client = await daemon({ reconnect: true, access: 'read' });
  const print = (method: string, params: unknown) => screen.record({ at: now(), method, params });
  client.onNotification(print);
  // What happens between two connections is not announced, so programs need to know.
  client.onStatus(status => print('connection/didChange', { status }));
  await aborted(interrupted());
  return { document: undefined, text: () => '' };
};
