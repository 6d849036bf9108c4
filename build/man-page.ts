import type { CommandEntry, CommandTable, OptionEntry } from '../plugins/ui-cli/context/command.ts';
import { GLOBAL_OPTIONS } from '../plugins/ui-cli/context/options.ts';

/** The manual page of `keepalive`, in the format of man(7), made from the table of commands as the help is. */
export function manPage(commands: CommandTable, version: string): string {
  return [
    `.TH KEEPALIVE 1 "" "Session Keepalive ${roff(version)}" "User Commands"`,
    '.SH NAME',
    'keepalive \\- keeps you signed in to your AI coding tools',
    '.SH SYNOPSIS',
    '.B keepalive',
    '[\\fIcommand\\fR] [\\fIoption\\fR ...]',
    '.SH DESCRIPTION',
    roff('A small daemon on your own machine renews each session before it lapses, and checks that it worked.'),
    roff('`keepalive` alone shows the status of all sessions.'),
    ...Object.entries(commands).flatMap(([group, entries]) => [
      `.SH ${roff(group.toUpperCase())}`,
      ...entries.flatMap(command),
    ]),
    '.SH OPTIONS OF EVERY COMMAND',
    ...GLOBAL_OPTIONS.flatMap(option),
    '.SH EXIT STATUS',
    roff('0 is success. With `keepalive check`, 5 means that a session needs a login, and 6 that one is failing.'),
    roff('The README of the package lists all codes.'),
    '.SH SEE ALSO',
    roff('`keepalive help COMMAND` shows one command. The docs folder of the package describes everything else.'),
    '',
  ].join('\n');
}

const command = ({ usage, about, options = [] }: CommandEntry): readonly string[] => [
  '.TP',
  `\\fBkeepalive ${roff(usage)}\\fR`,
  roff(sentence(about)),
  ...(options.length > 0 ? ['.RS', ...options.flatMap(option), '.RE'] : []),
];

const option = ({ flags, about, initial }: OptionEntry): readonly string[] => [
  '.TP',
  `\\fB${roff(flags)}\\fR`,
  roff(sentence(about) + (initial === undefined ? '' : ` Default: ${initial}.`)),
];

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Escapes what man(7) would read as a command. Code is bold. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
    .replaceAll(/`([^`]*)`/g, '\\fB$1\\fR');
