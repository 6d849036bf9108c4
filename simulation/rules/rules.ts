/** What must hold after every step. Each is named by what the user is promised. */
export const RULES = {
  'login-survives': 'No login ends because a daemon sends a token again although it had the answer.',
  'token-sent-once':
    'A token is sent once, a second time only if its answer was lost, and not after its vendor has refused it.',
  'lock-respected': 'No token is sent while a program of the user that renews it holds its lock.',
  'one-renewer': 'No machine of a fleet sends a token while another has its lease, or after another has spent it.',
  'token-is-current': 'The token that is sent is the one that is in the file.',
  'attempts-apart': 'Two attempts of a session are never closer than its minInterval.',
  'seen-is-kept':
    'A crash or a power cut does not undo what clients have seen, nor does a full disk that has room again.',
  'store-whole': 'The file of a login is always whole.',
  'no-secret': 'No token is anywhere but in the file of its login and in the journal.',
  'due-is-attempted': 'What is due is attempted.',
  'kept-alive': 'When all is well again, a login that can be renewed is renewed before it ends.',
  'runs-on': 'The daemon does not end by itself, and no error escapes.',
  bounded: 'What waits in memory, open files and leftovers stay bounded.',
} as const;

export type Rule = keyof typeof RULES;

/** A broken rule, and how it was seen. */
export class Broken extends Error {
  constructor(
    readonly rule: Rule,
    readonly how: string,
  ) {
    super(`${rule}: ${how}`);
  }
}
