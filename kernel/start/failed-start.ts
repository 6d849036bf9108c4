import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { openLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { refusalOf } from './refusal.ts';

/**
 * Writes into the log why the daemon did not start. A service manager may keep no output of it, and `service status`
 * names the log.
 */
export function noteFailedStart(error: unknown): void {
  const code = isKeepaliveError(error) ? error.code : undefined;
  // Nothing is written into a home of a newer version, nor into one that cannot be used.
  if (code === 'KA_HOME_NEWER' || code === 'KA_HOME_UNUSABLE') return;
  try {
    const { problem } = refusalOf(error, null);
    openLog(locateHome().log, 'info', new Scrubber().scrub).error(
      { code, reason: problem },
      'the daemon did not start',
    );
  } catch {
    // stderr has it.
  }
}
