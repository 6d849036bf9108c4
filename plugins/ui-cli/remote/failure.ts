import { KeepaliveError } from '../../../sdk/contract/errors.ts';

type Cause = {
  /** A line of ssh that shows this cause. */
  readonly shownBy: RegExp;
  readonly reason: string;
  readonly hint: (host: string) => string;
};

const TRY = (host: string) => `\`ssh ${host}\` has to work first.`;

/** The first that fits counts. */
const CAUSES: readonly Cause[] = [
  {
    shownBy: /HOST IDENTIFICATION HAS CHANGED|host key .* has changed/i,
    reason: 'its host key is not the one that you know, so ssh refused to connect',
    hint: host => `Either that machine was set up again, or another answers in its place. \`ssh ${host}\` says more.`,
  },
  {
    shownBy: /Host key verification failed|REVOKED HOST KEY|DNS SPOOFING/i,
    reason: 'its host key is not known here, so ssh refused to connect',
    hint: host => `Run \`ssh ${host}\` once in a terminal, and compare the fingerprint before you accept it.`,
  },
  {
    shownBy: /Could not resolve hostname/i,
    reason: 'no machine of that name was found',
    hint: () => 'Check the name, and the Host entries of your ssh configuration.',
  },
  {
    shownBy: /Permission denied|Too many authentication failures|No supported authentication methods/i,
    reason: 'it did not accept your login',
    hint: TRY,
  },
  {
    shownBy: /Connection refused/i,
    reason: 'it refused the connection',
    hint: () => 'Check that an ssh server runs there, and its port in your ssh configuration.',
  },
  {
    shownBy: /timed out|No route to host|(?:Network|Host) is (?:unreachable|down)|Network is down/i,
    reason: 'it did not answer',
    hint: () => 'Check that the machine is on, and that this network reaches it.',
  },
  {
    shownBy: /Broken pipe|Connection reset|closed by remote host|not responding|Connection closed by|disconnect/i,
    reason: 'the connection was lost',
    hint: () => 'Run the command again.',
  },
];

const LOST = { reason: 'the connection was lost', hint: () => 'Run the command again.' };

/** Why ssh has failed, from what it reported. */
export function sshFailure(host: string, log: string): KeepaliveError {
  const last = log.trim().split('\n').at(-1)?.trim();
  const unknown = last ? { reason: last, hint: TRY } : LOST;
  const { reason, hint } = CAUSES.find(({ shownBy }) => shownBy.test(log)) ?? unknown;
  return new KeepaliveError('KA_SSH_FAILED', { host, reason, hint: hint(host) });
}
