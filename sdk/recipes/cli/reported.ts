import { KeepaliveError, offline } from '../../contract/errors.ts';
import type { Unchanged } from './touch.ts';
import { intercepted, interceptionOfStatus } from '../http/intercepted.ts';

/** Interprets the HTTP status that a program reports for its renewal, if any. */
export function reported(program: string, status: number): Unchanged {
  if (!(status >= 300)) return undefined;
  if (status === 429) return { status: 'rate-limited' };
  const reason = `${program} reported HTTP ${status} from the vendor.`;
  const interception = interceptionOfStatus(status);
  if (interception !== undefined) throw intercepted({ program, reason: `${reason.slice(0, -1)}: ${interception}.` });
  if (status >= 500) throw offline({ status });
  // A vendor's own 401 ends the login, and the program acts on it. This one left the login as it was.
  if (status === 401) return `${reason} Something in between may have answered.`;
  throw new KeepaliveError('KA_PROGRAM_FAILED', { program, reason });
}
