import { printableLine } from '../../sdk/base/printable.ts';
import { loginFailed, type KeepaliveError } from '../../sdk/contract/errors.ts';
import type { LoginState } from '../../sdk/contract/rpc.ts';
import type { CodeStep, OpenStep } from '../../sdk/plugin/sign-in.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import type { Scrubber } from '../../runtime/log/redact.ts';

// What a provider shows to the user is checked first: it comes from a program, and the user acts on it.

/**
 * Control characters, spaces and letters that look like others are not part of an address. Neither is what only
 * browsers correct, such as a backslash: other programs would see another host.
 */
const ADDRESS = /^https?:\/\/[!-.0-[\]-~][!-[\]-~]*$/i;
/** A QR code holds no more. */
const MAX_ADDRESS = 2_953;
const USER_CODE = /^[ -~]{1,64}$/;
const MAX_PROBLEM = 300;

/** The vendor's hosts, and what keeps a step out of the log. */
export type StepRules = { readonly hosts: readonly string[]; readonly scrubber: Pick<Scrubber, 'conceal' | 'scrub'> };

/** Throws `KA_LOGIN_FAILED` if the user must not see it. */
export function openState({ url, userCode, expiresAt }: OpenStep, { hosts, scrubber }: StepRules): LoginState {
  checkAddress(url, hosts);
  if (userCode !== undefined && !USER_CODE.test(userCode)) throw refused('shows a code that cannot be entered');
  scrubber.conceal(url);
  if (userCode !== undefined) scrubber.conceal(userCode);
  return { name: 'open', url, userCode, expiresAt: expiresAt?.getTime() };
}

/** Throws `KA_LOGIN_FAILED` if the user must not see it. */
export function codeState({ url, problem }: CodeStep, { hosts, scrubber }: StepRules): LoginState {
  checkAddress(url, hosts);
  scrubber.conceal(url);
  return { name: 'code', url, problem: problem && printableLine(scrubber.scrub(problem)).slice(0, MAX_PROBLEM) };
}

/** An address elsewhere may lead the user to someone else's page. */
function checkAddress(url: string, hosts: readonly string[]): void {
  const { host, username, password } = URL.canParse(url) ? new URL(url) : NOWHERE;
  const isVendors = hosts.includes(host) && username === '' && password === '' && isSafeEndpoint(url);
  if (!isVendors) throw refused(`shows an address that is not the vendor's${host && `, on ${host.slice(0, 100)}`}`);
  if (!ADDRESS.test(url) || url.length > MAX_ADDRESS) throw refused('shows an address that cannot be opened');
}

const NOWHERE = { host: '', username: '', password: '' };

const refused = (what: string): KeepaliveError => loginFailed(`The program ${what}`);
