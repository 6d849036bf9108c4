import { ADDABLE, WARM_UP, type Addable, type AddableOption } from '../../../sdk/plugin/addable.ts';

const KINDS: Readonly<Record<AddableOption['kind'], string>> = {
  text: 'TEXT',
  path: 'PATH',
  choice: '',
  number: 'NUMBER',
  switch: 'true|false',
  list: 'A,B',
  command: "'PROGRAM ARG'",
};

const COLUMN = 30;

/** The built-in providers and their options. */
export const addHelp = (): string =>
  [
    'Options after `add` belong to the provider:',
    '  keepalive add codex --home ~/.codex-work --id codex-work',
    'A --home before `add` is the folder of keepalive itself. A secret is given as',
    'KEY=@FILE, or as KEY=- for the standard input. What is added is kept in',
    'settings.json. A star marks what is required.',
    '',
    'Providers:',
    ...ADDABLE.flatMap(provider => ['', ...describeProvider(provider)]),
    '',
    'Not kept alive, but added in the same way. It shows its cost and asks first:',
    '',
    ...describeProvider(WARM_UP),
  ].join('\n');

export const describeProvider = ({ plugin, about, options }: Addable): readonly string[] => [
  `  ${plugin}: ${about}`,
  ...options.map(describeOption),
];

function describeOption({ name, kind, about, required, choices, secret }: AddableOption): string {
  const value = secret ? '@FILE' : (choices?.join('|') ?? KINDS[kind]);
  const shown = `    ${name}=${value}${required ? ' *' : ''}`;
  return shown.length < COLUMN ? `${shown.padEnd(COLUMN)}${about}` : `${shown}\n${' '.repeat(COLUMN)}${about}`;
}
