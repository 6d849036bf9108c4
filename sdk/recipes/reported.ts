import { KeepaliveError, offline } from '../errors.ts';
import type { Unchanged } from './cli.ts';

/** A proxy or a network that wants something first, or lets nobody from this region through. */
const IN_BETWEEN = [403, 407, 511];

/** What it means that a program reports the status with which its renewal was refused, if any. */
export function reported(program: string, status: number): Unchanged {
  if (!(status >= 300)) return undefined;
  if (status === 429) return { status: 'rate-limited' };
  const reason = `${program} reported HTTP ${status} from the vendor.`;
  if (IN_BETWEEN.includes(status)) return `${reason} Something in between may have answered.`;
  if (status >= 500) throw offline({ status });
  throw new KeepaliveError('KA_PROGRAM_FAILED', { program, reason });
}
