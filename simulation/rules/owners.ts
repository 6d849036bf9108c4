import type { Exchange } from '../cast/vendor.ts';
import type { Place } from '../scene/life.ts';
import { Broken } from './rules.ts';

/** No daemon sends a token while a living program of the user holds the lock of its file. */
export function judgeOwners(places: readonly Place[], exchange: Exchange): void {
  const place = places.find(({ machine }) => exchange.by === `${machine.name}/keepalived`);
  if (!place) return;
  const login = place.logins.find(({ file }) => place.families.get(file) === exchange.family);
  if (login?.provider === 'claude')
    throw new Broken('lock-respected', `${exchange.by} sent a token of ${login.id}, which its own program renews.`);
  for (const { file, lock } of place.owners) {
    const { heldSince, hasTakenOver } = lock;
    const isItsFile = place.families.get(file) === exchange.family;
    if (!isItsFile || heldSince === undefined || hasTakenOver || heldSince > exchange.sentAt) continue;
    throw new Broken('lock-respected', `${exchange.by} sent a token of ${file}, whose lock another program holds.`);
  }
}
