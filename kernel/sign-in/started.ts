import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { printableLine } from '../../sdk/base/printable.ts';
import type { StartedLogin } from '../../sdk/contract/rpc.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';

/** A sign-in that is not finished by then has ended. */
export const LIMIT_MS = 15 * 60_000;

/** What the client sees first: a new sign-in, and whose account it asks for. */
export const startedFor = ({ id, signIn }: ProviderPlugin, device: boolean): StartedLogin => ({
  login: randomUUID(),
  session: id,
  steps: [...(signIn?.steps[device ? 'device' : 'here'] ?? ['manual'])],
  machine: hostname(),
  account: signIn && printableLine(signIn.account),
  hosts: [...(signIn?.hosts ?? [])],
  endsAt: Date.now() + LIMIT_MS,
});
