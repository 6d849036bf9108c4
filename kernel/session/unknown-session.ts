import { nearest } from '../../sdk/base/nearest.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';

/** All ids of a large configuration would be megabytes. */
const MAX_LISTED = 20;
/** The id comes from a client, and comparing it takes as long as it is. */
const MAX_MISTYPED = 40;

/** The error names all sessions. Of many it names some, and the one that was probably meant. */
export function unknownSession(id: string, ids: readonly string[]): KeepaliveError {
  if (ids.length <= MAX_LISTED) return new KeepaliveError('KA_SESSION_NOT_FOUND', { id, known: ids });
  const meant = nearest(id.slice(0, MAX_MISTYPED), ids);
  const known = [...new Set([...(meant === undefined ? [] : [meant]), ...ids])].slice(0, MAX_LISTED);
  return new KeepaliveError('KA_SESSION_NOT_FOUND', { id, known, more: ids.length - known.length });
}
