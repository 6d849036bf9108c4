import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../sdk/base/printable.ts';
import type { ExecResult } from '../../sdk/plugin/process.ts';

const UNREACHABLE = 'xAI could not be reached, or is down. Try again later';

/** What grok prints, and what it means for the user. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/Authorization denied/, 'It was denied. Start the sign-in again'],
  [/Device code expired/, 'The code has expired. Start the sign-in again'],
  [/requires logging into/, 'Its settings require another team than that of the account'],
  [/HTTP 429/, 'xAI wants fewer requests. Try again later'],
  [/HTTP (?:5\d\d|403)|error sending request|error decoding|expected value/, UNREACHABLE],
  [/unexpected argument|unrecognized/, 'This grok is too old to sign in with a code. Update it'],
];

/** Why no code was shown. */
export const NO_CODES = 'xAI does not offer a sign-in with a code to this grok';

const LONGEST = 200;

/** Why grok did not sign in, for the user. */
export function reasonOf({ stdout, stderr, exitCode }: ExecResult): string {
  const printed = stripVTControlCharacters(`${stdout}\n${stderr}`);
  const known = REASONS.find(([pattern]) => pattern.test(printed))?.[1];
  if (known !== undefined) return known;
  const [, complaint = ''] = /Error: ([^\r\n]*)/i.exec(printed) ?? [];
  const text = printable(complaint)
    .replaceAll(/https?:\/\/\S+/g, '…')
    .slice(0, LONGEST);
  if (text !== '') return `Grok reports: ${text}`;
  return exitCode === 0 ? 'Grok has stored no login' : 'Grok ended before the sign-in did';
}
