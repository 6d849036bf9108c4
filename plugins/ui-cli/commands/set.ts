import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import { DEFAULT_POLICY, type PolicyPatch } from '../../../sdk/contract/policy.ts';
import type { Answer, Command } from '../command.ts';
import { parseAssignments, parseUnset } from '../policy/assignments.ts';
import { renderSession } from '../render/session-card.ts';

export const set: Command = async ({ args: [id = '', ...assignments], daemon }) => {
  parseAssignments(assignments, DEFAULT_POLICY); // What is wrong in itself is said without a daemon.
  const client = await daemon();
  const { policy } = await client.request('session/get', { id });
  return configure(client, id, parseAssignments(assignments, policy));
};

export const unset: Command = async ({ args: [id = '', ...keys], daemon }) => {
  const patch = parseUnset(keys);
  return configure(await daemon(), id, patch);
};

async function configure(client: KeepaliveClient, id: string, policy: PolicyPatch): Promise<Answer> {
  const session = await client.request('session/configure', { id, policy });
  return { document: session, text: view => renderSession(session, view) };
}
