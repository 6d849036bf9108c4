import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { describeError } from '../../sdk/plugin/describe.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { REFUSED_START } from '../../sdk/wording/refused-start.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { refusalOf } from './refusal.ts';

const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK = 0 } = constants;

/** Writes into the log of the home why the daemon did not start. */
export function logRefusedStart(error: unknown): void {
  const code = isKeepaliveError(error) ? error.code : undefined;
  // Nothing is written into the home of a newer version or of another user.
  if (code === 'KA_HOME_NEWER' || code === 'KA_HOME_UNUSABLE') return;
  const reason = new Scrubber().scrub(reasonOf(error));
  const entry = { level: 'fatal', time: new Date().toISOString(), code, reason, msg: REFUSED_START };
  try {
    // Opening a pipe without a reader would block.
    const file = openSync(locateHome().log, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
    writeSync(file, `${JSON.stringify(entry)}\n`);
    closeSync(file);
  } catch {
    // Without a usable home there is no log either. The reason is written to the standard error.
  }
}

/** The values in a configuration may be secrets. */
function reasonOf(error: unknown): string {
  if (!isKeepaliveError(error) || !error.code.startsWith('KA_CONFIG_')) return describeError(error);
  const { file, problem } = refusalOf(error, null);
  return `${file}: ${problem} (${error.code})`;
}
