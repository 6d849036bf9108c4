import { errnoOf } from '../../sdk/base/errno.ts';
import type { FleetTrouble } from '../../sdk/plugin/fleet.ts';

/** A trouble that this program has found itself. */
export class FleetError extends Error {
  constructor(readonly trouble: FleetTrouble) {
    super(trouble.reason);
  }
}

const passing = (reason: string, action = 'It is tried again by itself.'): FleetTrouble => ({
  reason,
  action,
  isLasting: false,
});
const lasting = (reason: string, action: string): FleetTrouble => ({ reason, action, isLasting: true });

/** By SQLSTATE, or its class. Messages of the server are not shown: they may name addresses and values. */
const BY_STATE: readonly (readonly [state: RegExp, trouble: FleetTrouble])[] = [
  [/^28/, lasting('the database refuses this user', 'Check the address and its password.')],
  [/^3D000/, lasting('there is no such database', 'Create the database, or correct the address.')],
  [/^42501/, lasting('the database user lacks a right', 'Grant the rights that docs/fleet.md lists.')],
  [/^25006/, passing('the database is read-only')],
  [/^53100/, passing('the disk of the database is full')],
  [/^53/, passing('the database has no room for another connection')],
  [/^57/, passing('the database is shutting down, or starting')],
];

const BY_ERRNO: Readonly<Record<string, FleetTrouble>> = {
  ECONNREFUSED: passing('the database refuses the connection'),
  ENOTFOUND: passing('the host of the database is not known'),
  EAI_AGAIN: passing('the host of the database is not known'),
  SELF_SIGNED_CERT_IN_CHAIN: lasting('the certificate of the database is not trusted', 'See TLS in docs/fleet.md.'),
  DEPTH_ZERO_SELF_SIGNED_CERT: lasting('the certificate of the database is not trusted', 'See TLS in docs/fleet.md.'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: lasting(
    'the certificate of the database is not trusted',
    'See TLS in docs/fleet.md.',
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: lasting(
    'the certificate of the database is for another host',
    'Correct the address, or the certificate.',
  ),
  CERT_HAS_EXPIRED: lasting('the certificate of the database has expired', 'Renew it.'),
};

/** What an error means for the user. */
export function troubleOf(error: unknown): FleetTrouble {
  if (error instanceof FleetError) return error.trouble;
  const code = errnoOf(error) ?? '';
  const found = BY_ERRNO[code] ?? BY_STATE.find(([state]) => state.test(code))?.[1];
  if (found) return found;
  const message = error instanceof Error ? error.message : '';
  if (/does not support SSL/.test(message))
    return lasting('the database does not use TLS', 'Switch TLS on there. See docs/fleet.md.');
  return passing('the database does not answer');
}

export const NAME_TAKEN = lasting(
  'another daemon uses the name of this machine',
  'Give each machine its own `machine` in the configuration.',
);
export const OTHER_KEY = lasting(
  'the key of this machine is not the key of the fleet',
  'Copy the key file of another machine.',
);
export const SCHEMA_NEWER = lasting(
  'a newer version of Session Keepalive has changed the database',
  'Update Session Keepalive here.',
);
export const SCHEMA_MISSING = lasting(
  'the tables of the fleet cannot be created',
  'Let a user with that right create them. See docs/fleet.md.',
);
export const fileTrouble = (reason: string, action: string): FleetTrouble => lasting(reason, action);
