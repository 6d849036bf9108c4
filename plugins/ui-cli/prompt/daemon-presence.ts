import { isMissing } from '../../../sdk/base/errno.ts';
import { isRecord } from '../../../sdk/base/json.ts';
import { presenceOf } from '../../../sdk/system/process-identity.ts';
import { readPlain } from './states-file.ts';

/**
 * Whether a daemon runs, without a connection. It removes its endpoint file when it stops; one that was killed leaves
 * the file, and its process is gone. `unknown` if the file cannot be read, or is from another container.
 */
export function daemonPresence(endpointFile: string): 'running' | 'stopped' | 'unknown' {
  try {
    const endpoint: unknown = JSON.parse(readPlain(endpointFile).text);
    if (!isRecord(endpoint) || typeof endpoint['pid'] !== 'number') return 'unknown';
    const { pid, process: identity } = endpoint;
    const presence = presenceOf(pid, typeof identity === 'string' ? identity : undefined);
    return presence === 'ours' ? 'running' : presence === 'gone' ? 'stopped' : 'unknown';
  } catch (error) {
    return isMissing(error) ? 'stopped' : 'unknown';
  }
}
