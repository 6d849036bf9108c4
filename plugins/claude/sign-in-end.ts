import { printableLine } from '../../sdk/base/printable.ts';
import type { ExecResult } from '../../sdk/plugin/process.ts';

export const saysSignedIn = ({ exitCode, stdout }: ExecResult): boolean =>
  exitCode === 0 && stdout.includes('Login successful.');

/** Whether the vendor did not accept the code. With another one the user may succeed. */
export const isRefusal = (result: ExecResult): boolean => /code wasn.t accepted/.test(complaintOf(result));

/** Why claude ended without a new login, for the user. */
export function reasonOf(result: ExecResult, reached: string): string {
  const complaint = complaintOf(result);
  const status = Number(/status code (\d{3})\b/.exec(complaint)?.[1]);
  if (status === 429) return 'Anthropic refuses sign-ins for now, because there were too many. Try again later';
  if (status >= 500) return `Anthropic's server has a problem (HTTP ${status}). Try again later`;
  if (status >= 300) return `Anthropic's server refused the sign-in (HTTP ${status})`;
  if (UNREACHED.test(complaint)) return "claude could not reach Anthropic. Check this machine's network, and try again";
  if (complaint !== '') return `claude could not sign in: ${complaint}`;
  if (saysSignedIn(result)) return 'claude has stored no login. Something may have answered in place of Anthropic';
  const how = result.exitCode === undefined ? 'was ended' : `ended with exit code ${result.exitCode}`;
  return reached === 'nothing' ? `claude ${how} and showed no address. It may be too old` : `claude ${how}`;
}

const UNREACHED = /\btimeout\b|hang up|\bproxy\b|network|certificate|\bE[A-Z]{4,}\b|fetch failed/i;
const MAX_COMPLAINT = 200;

/** What claude printed after the code. */
function complaintOf({ stdout, stderr }: ExecResult): string {
  const [, complaint = ''] = /Couldn.t log in: ([^\r\n]*)/.exec(`${stdout}\n${stderr}`) ?? [];
  return printableLine(complaint).slice(0, MAX_COMPLAINT);
}
