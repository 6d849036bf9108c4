import { errnoOf } from '../../sdk/base/errno.ts';
import type { FleetTrouble } from '../../sdk/plugin/fleet.ts';

/** Why the database is not used. Its text is for the user and the log: it has no address, value or secret. */
export class FleetError extends Error {
  readonly trouble: FleetTrouble;
  /** What the server or the system calls it. */
  readonly code: string;

  constructor(trouble: FleetTrouble, code: string = 'unknown') {
    super(trouble.reason);
    this.trouble = trouble;
    this.code = code;
  }
}

const passing = (reason: string): FleetTrouble => ({
  reason,
  action: 'It is tried again by itself.',
  isLasting: false,
});
const lasting = (reason: string, action: string): FleetTrouble => ({ reason, action, isLasting: true });

export const SILENT = passing('the database does not answer');
const UNTRUSTED = lasting('the certificate of the database is not trusted', 'See TLS in docs/fleet.md.');
const UNKNOWN_HOST: FleetTrouble = {
  ...passing('the host of the database is not known'),
  action: 'It is tried again by itself. If that does not help, check the address.',
};
const NO_ROUTE = passing('the network of the database is not reached');
const REFUSED_HERE = lasting(
  'a file that the address names cannot be read',
  'Correct `sslrootcert`, `sslcert` or `sslkey` in the address.',
);
export const TABLES_CHANGED = lasting(
  'the tables of the fleet are not as this program made them',
  'Remove the schema "keepalive" from the database. It is made again, and each machine shows everything again.',
);

/** By SQLSTATE, or its class. Messages of the server are not shown: they may name addresses and values. */
const BY_STATE: readonly (readonly [state: RegExp, trouble: FleetTrouble])[] = [
  [/^28/, lasting('the database refuses this user', 'Check the address and its password.')],
  [/^3D000/, lasting('there is no such database', 'Create the database, or correct the address.')],
  [/^42501/, lasting('the database user lacks a right', 'Grant the rights that docs/fleet.md lists.')],
  [/^(25006|25P0[0-9])/, passing('the database is read-only')],
  [/^53100/, passing('the disk of the database is full')],
  [/^53300/, passing('the database has no room for another connection')],
  [/^53/, passing('the database is out of memory, or of another resource')],
  [/^57014/, SILENT],
  [/^57/, passing('the database is shutting down, or starting')],
  // A table, column or function is missing or another, or a value does not fit.
  [/^(42|3F|22|23|0A)/, TABLES_CHANGED],
];

const BY_ERRNO: Readonly<Record<string, FleetTrouble>> = {
  ECONNREFUSED: passing('the database refuses the connection'),
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: lasting(
    'the certificate of the database is for another host',
    'Correct the address, or the certificate.',
  ),
  CERT_HAS_EXPIRED: lasting('the certificate of the database has expired', 'Renew it.'),
  CERT_NOT_YET_VALID: lasting('the certificate of the database is not valid yet', 'Check the clocks.'),
};

/** What an error means for the user. */
export function troubleOf(error: unknown): FleetTrouble {
  if (error instanceof FleetError) return error.trouble;
  const code = errnoOf(error);
  const found = BY_ERRNO[code] ?? BY_STATE.find(([state]) => isState(code) && state.test(code))?.[1];
  if (found) return found;
  // The driver reads such a file itself.
  if (error instanceof Error && 'syscall' in error && ['open', 'read'].includes(String(error.syscall)))
    return REFUSED_HERE;
  const message = error instanceof Error ? error.message : '';
  if (/does not support SSL/.test(message))
    return lasting('the database does not use TLS', 'Switch TLS on there. See docs/fleet.md.');
  return SILENT;
}

export const failureOf = (error: unknown): FleetError =>
  error instanceof FleetError ? error : new FleetError(troubleOf(error), errnoOf(error));

const isState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code);

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
export const BAD_ADDRESS = lasting(
  'the address of the database is not valid',
  'Give an address such as postgres://user@host/database.',
);
export const SHORT_KEY = lasting(
  'the key is too short',
  'Copy the key file of another machine. For the first one, make it with `openssl rand -base64 32`.',
);
export const fileTrouble = (reason: string, action: string): FleetTrouble => lasting(reason, action);
