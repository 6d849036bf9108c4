import type { Place } from './place.ts';

/** What ssh is run with. The user's own configuration decides everything else, above all which host keys are known. */
const OPTIONS = [
  // No banner, and no line at the end: the output is that of the command.
  'LogLevel=ERROR',
  // Neither forwards of the configuration, which another connection may have open, nor its command.
  'ClearAllForwardings=yes',
  'RemoteCommand=none',
];

/** Arguments of ssh that run a script of the shell on the host. What ssh itself reports goes to the file. */
export const sshArguments = (host: string, script: string, { isTerminal = false, logFile = '' }): readonly string[] => [
  isTerminal ? '-tt' : '-T',
  ...(logFile ? ['-E', logFile] : []),
  ...OPTIONS.flatMap(option => ['-o', option]),
  '--',
  host,
  inPosixShell(script),
];

/**
 * A script that runs keepalive with these arguments, and ends as it does. Without a terminal, sshd lets a program run
 * on once the connection has ended, so the script ends it then.
 */
export function scriptFor({ remoteCommand }: Pick<Place, 'remoteCommand'>, args: readonly string[], env: Env): string {
  const variables = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
  const words = [...(variables.length > 0 ? ['env', ...variables] : []), remoteCommand, ...args.map(quote)];
  return [
    '(while kill -0 $PPID && sleep 2; do :; done; kill 0) </dev/null >/dev/null 2>&1 & watch=$!;',
    // A shell that is interrupted itself would not report the exit code.
    'trap : INT QUIT;',
    `${words.join(' ')};`,
    'code=$?; kill $watch 2>/dev/null; exit $code',
  ].join(' ');
}

type Env = Readonly<Record<string, string>>;

/** The login shell may be another, such as fish. */
const inPosixShell = (script: string): string => `exec sh -c ${quote(script)}`;

/** One word for any usual shell: fish reads a backslash in quotes differently. */
export const quote = (word: string): string => `'${word.replaceAll(/['\\]/g, letter => `'\\${letter}'`)}'`;
