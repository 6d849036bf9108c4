import { fingerprintOf } from '../../sdk/recipes/store/json-store.ts';
import { sealWith } from '../../plugins/postgres/seal.ts';
import type { Exchange } from '../cast/vendor.ts';
import type { FleetDatabase } from '../fleet/database.ts';
import { keyOf } from '../fleet/tables.ts';
import { FLEET_KEY } from '../scene/household.ts';
import { Broken } from './rules.ts';

const seal = sealWith(FLEET_KEY);

const markOf = (token: string): string => seal.mark('login', fingerprintOf(token));

/** Whether the machine got the lease in the attempt that began then. */
export function isGranted({ grants }: FleetDatabase, { by, token }: Exchange, begunAt = Infinity): boolean {
  const [machine = ''] = by.split('/');
  return (grants.get(keyOf(machine, markOf(token))) ?? -Infinity) >= begunAt;
}

/** A machine sends a token only while no other has its lease, or has spent it. */
export function judgeFleet({ tables }: FleetDatabase, { by, token, sentAt, at }: Exchange): void {
  const [machine, program] = by.split('/');
  const row = tables.logins.get(markOf(token));
  if (program !== 'keepalived' || !row || row.machine === machine) return;
  // Until its answer arrived, the database may have given the lease to another.
  const wasTaken = row.takenAt < tables.now() - (at - sentAt);
  if (wasTaken) throw new Broken('one-renewer', `${by} sent a token that ${row.machine} holds or has spent.`);
}
