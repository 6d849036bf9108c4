import { KeepaliveError, offline } from '../../contract/errors.ts';
import type { Unchanged } from './touch.ts';
import { intercepted, interceptionOfStatus } from '../http/intercepted.ts';

/** Interprets the HTTP status that a program printed about its renewal, if any. */
export function reported(program: string, status: number): Unchanged {
  if (!(status >= 300)) return undefined;
  if (status === 429) return { status: 'rate-limited' };
  const reason = `${program} reported HTTP ${status} from the vendor.`;
  const interception = interceptionOfStatus(status);
  if (interception !== undefined) throw intercepted({ program, reason: `${reason.slice(0, -1)}: ${interception}.` });
  if (status >= 500) throw offline({ status });
  // After a 401 of its vendor, the program would have given up the login. It did not.
  if (status === 401) return `${reason} Something in between may have answered.`;
  throw new KeepaliveError('KA_PROGRAM_FAILED', { program, reason });
}
