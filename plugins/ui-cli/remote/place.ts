import { UsageError } from '../context/options.ts';

/** Where a command runs, if not on this machine. */
export type Place = {
  /** As ssh takes it: a name of the user's ssh configuration, or `[USER@]HOST`. */
  readonly host: string;
  /** What starts keepalive there, in the words of its shell. */
  readonly remoteCommand: string;
  /** The command line without the options that name the place. */
  readonly argv: readonly string[];
};

const OPTION = /^--(host|remote-command)(?:=(.*))?$/s;
const VALUES = { host: 'a machine', 'remote-command': 'a command' } as const;
type Name = keyof typeof VALUES;

/** Words that ssh would take for options, or a shell for more than one word. OpenSSH 9.6 refuses the same. */
const UNSAFE = /^$|(?:^|@)-|[\s\p{C}"'`$\\;&<>|(){}]/u;

/** Takes `--host` and `--remote-command` out of a command line. Undefined if it has neither. */
export function takePlace(argv: readonly string[]): Place | undefined {
  const end = argv.indexOf('--');
  const ours = end < 0 ? argv : argv.slice(0, end);
  const given: Partial<Record<Name, string>> = {};
  const rest: string[] = [];
  for (let at = 0; at < ours.length; at += 1) {
    const word = ours[at] ?? '';
    const [, name, joined] = OPTION.exec(word) ?? [];
    if (!isName(name)) {
      rest.push(word);
      continue;
    }
    if (name in given) throw new UsageError(`Give --${name} once.`);
    given[name] = joined ?? ours[(at += 1)] ?? '';
    if (!given[name]?.trim()) throw new UsageError(`Name ${VALUES[name]} after --${name}.`);
  }
  const { host, 'remote-command': remoteCommand = 'keepalive' } = given;
  if (host === undefined && 'remote-command' in given) throw new UsageError('--remote-command needs --host.');
  if (host === undefined) return undefined;
  check(host, remoteCommand, rest);
  return { host, remoteCommand, argv: [...rest, ...(end < 0 ? [] : argv.slice(end))] };
}

const isName = (name: string | undefined): name is Name => name !== undefined && Object.hasOwn(VALUES, name);

function check(host: string, remoteCommand: string, rest: readonly string[]): void {
  if (UNSAFE.test(host))
    throw new UsageError('--host is [USER@]HOST, or a name of your ssh configuration: no spaces, quotes or leading -.');
  if (/\p{Cc}/u.test(remoteCommand)) throw new UsageError('--remote-command may not contain control characters.');
  if (rest.some(word => word === '-V' || word === '--version'))
    throw new UsageError(`--version is about this machine. \`ssh ${host} ${remoteCommand} --version\` asks the other.`);
}
