import type { CompletedCommand, Completions, Flag, Operands } from './words.ts';

/** A completion script for zsh. */
export function zshScript({ globalFlags, commands, firstWords }: Completions): string {
  const words = firstWords.map(word => ({ word, commands: commands.filter(({ path }) => path[0] === word) }));
  return `#compdef keepalive
# Completion of keepalive for zsh: put it into a file _keepalive on your fpath, or source it after compinit.
_keepalive_ids() {
  local -a ids=(\${=$(keepalive prompt --format '{ids}' 2>/dev/null)})
  compadd -V ids -a ids
}

_keepalive_assign() {
  local -a keys=(${assignments(commands, 'words')}) values=(${assignments(commands, 'values')})
  if [[ $PREFIX == *=* ]]; then compadd -a values; else compadd -S '' -a keys; fi
}

_keepalive() {
  local context state state_descr line
  typeset -A opt_args
  local -a global=(${globalFlags.flatMap(specs).join(' ')})
  _arguments -C $global '1: :->command' '*:: :->rest'
  case $state in
    command) local -a commands=(${words.map(describeFirst).join(' ')}); _describe command commands ;;
    rest) _keepalive_$words[1] 2>/dev/null ;;
  esac
}

${words.map(word => definition(word, globalFlags)).join('\n\n')}

if [[ $funcstack[1] == _keepalive ]]; then _keepalive "$@"; else compdef _keepalive keepalive; fi
`;
}

/** The keys or the values of the command that assigns. */
const assignments = (commands: readonly CompletedCommand[], which: 'words' | 'values'): string =>
  commands.flatMap(({ further }) => (further.kind === 'assignments' ? further[which].map(quote) : [])).join(' ');

type FirstWord = { readonly word: string; readonly commands: readonly CompletedCommand[] };

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const colonless = (text: string): string => text.replaceAll(':', '\\:');

const aboutFamily = (commands: readonly CompletedCommand[]): string =>
  commands.map(({ path: [, member] }) => member).join(', ');

function describeFirst({ word, commands }: FirstWord): string {
  const [only] = commands;
  return quote(`${word}:${colonless(only?.path.length === 1 ? only.about : aboutFamily(commands))}`);
}

const specs = ({ names, takesValue, about, values }: Flag): readonly string[] => {
  const isPath = names.includes('--home') || names.includes('--config');
  const value = isPath ? ': :_files' : `: :${values.length > 0 ? `(${values.join(' ')})` : ' '}`;
  return names.map(name =>
    quote(`${name}[${colonless(about).replaceAll(/[[\]]/g, '\\$&')}]${takesValue ? value : ''}`),
  );
};

function definition({ word, commands }: FirstWord, globalFlags: readonly Flag[]): string {
  const [only] = commands;
  if (only?.path.length === 1) return `_keepalive_${word}() { ${argumentsOf(only, globalFlags)} }`;
  const choices = commands.map(({ path: [, member = ''], about }) => quote(`${member}:${colonless(about)}`)).join(' ');
  return `_keepalive_${word}() {
  local context state line
  _arguments -C '1: :->member' '*:: :->rest'
  case $state in
    member) local -a members=(${choices}); _describe command members ;;
    rest) case $words[1] in
${commands.map(command => `      ${command.path[1]}) ${argumentsOf(command, globalFlags)} ;;`).join('\n')}
    esac ;;
  esac
}`;
}

function argumentsOf({ flags, first, further }: CompletedCommand, globalFlags: readonly Flag[]): string {
  const operands = [
    ['1', first],
    ['*', further],
  ] as const;
  // With -S, what follows -- is not an option of keepalive.
  return `_arguments ${first.kind === 'programs' ? '-S ' : ''}${[
    ...[...globalFlags, ...flags].flatMap(specs),
    ...operands.flatMap(([position, wanted]) =>
      wanted.kind === 'none' ? [] : [quote(`${position}: :${action(wanted)}`)],
    ),
  ].join(' ')};`;
}

function action(operands: Exclude<Operands, { readonly kind: 'none' }>): string {
  switch (operands.kind) {
    case 'ids':
      return '_keepalive_ids';
    case 'words':
      return `(${operands.words.join(' ')})`;
    case 'assignments':
      return '_keepalive_assign';
    case 'files':
      return '_files';
    case 'programs':
      return '_command_names -e';
  }
}
