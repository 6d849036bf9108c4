import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import { DEFAULT_POLICY, type PolicyPatch } from '../../../../sdk/contract/policy.ts';
import type { CommandResult, Command } from '../../context/command.ts';
import { parseAssignments, parseUnset } from '../../policy/assignments.ts';
import { renderSession } from '../../render/session-card.ts';

const steer =
  (method: 'session/pause' | 'session/resume'): Command =>
  async ({ args: [id = ''], daemon }) => {
    const session = await (await daemon()).request(method, { id });
    return { document: session, text: view => renderSession(session, view) };
  };

export const pause = steer('session/pause');
export const resume = steer('session/resume');

export const set: Command = async ({ args: [id = '', ...assignments], daemon }) => {
  // Reports invalid assignments even if no daemon runs.
  parseAssignments(assignments, DEFAULT_POLICY);
  const client = await daemon();
  const { policy } = await client.request('session/get', { id });
  return configure(client, id, parseAssignments(assignments, policy));
};

export const unset: Command = async ({ args: [id = '', ...keys], daemon }) => {
  const patch = parseUnset(keys);
  return configure(await daemon(), id, patch);
};

async function configure(client: KeepaliveClient, id: string, policy: PolicyPatch): Promise<CommandResult> {
  const session = await client.request('session/configure', { id, policy });
  return { document: session, text: view => renderSession(session, view) };
}
