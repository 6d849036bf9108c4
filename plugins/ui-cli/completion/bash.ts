import { valuedFlags, type CompletedCommand, type Completions, type Operands } from './words.ts';

/** Offers the choices that begin with what is typed. */
const OFFERING = `  [[ $cur == -* ]] && choices="\${ended:-$flags}"
  # Not by compgen -W: it evaluates what it is given.
  local IFS=$' \\t\\n' list=() word
  read -ra list <<<"$choices"
  COMPREPLY=()
  # Readline breaks words at = and :, and replaces only what comes after the last one.
  local line="\${COMP_LINE:0:\${COMP_POINT:-0}}" typed kept=''
  typed="\${line##* }"
  [[ $line && $typed == *=* ]] || typed="$cur"
  [[ $typed == *[=:]* ]] && kept="\${typed%"\${typed##*[=:]}"}"
  for word in "\${list[@]}"; do
    # A value is offered once its key is typed.
    [[ $word == *=?* && $typed != *=* ]] && continue
    [[ $word == "$typed"* ]] && COMPREPLY+=("\${word#"$kept"}")
  done
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
`;

/** A completion script for bash. */
export function bashScript(completions: Completions): string {
  const { globalFlags, commands, firstWords } = completions;
  const families = firstWords.filter(word => commands.some(({ path }) => path.length > 1 && path[0] === word));
  return `# Completion of keepalive for bash: eval "$(keepalive completion bash)"
_keepalive() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words=() i command operand flags='${names(globalFlags)}' choices='' ended=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${valuedFlags(completions).join('|')}) ((i++)) ;;
      --) ended=' ' ;;
      -*) ;;
      *) words+=("\${COMP_WORDS[i]}") ;;
    esac
  done
  command="\${words[0]}" operand=$((\${#words[@]} - 1))
  case "$command" in
    ${families.join('|')}) ((\${#words[@]} > 1)) && { command+=" \${words[1]}"; ((operand--)); } ;;
  esac
  case "$command" in
    '') choices='${firstWords.join(' ')}' ;;
${families.map(family => `    ${family}) choices='${members(family, commands).join(' ')}' ;;`).join('\n')}
${commands.map(arm).join('\n')}
  esac
  # What comes after such a flag is its value, which is known for few of them.
  [[ $ended ]] || case "\${COMP_WORDS[COMP_CWORD-1]}" in
    --home|--config) choices='<-f>' ;;
    ${valuedFlags(completions).join('|')}) choices='' ;;
  esac
  case "$command \${COMP_WORDS[COMP_CWORD-1]}" in ${commands.flatMap(valuesOf).join(' ')} esac
  if [[ $choices == '<'*'>' && $cur != -* ]]; then
    local IFS=$'\\n'
    COMPREPLY=($(compgen "\${choices:1:2}" -- "$cur"))
    compopt -o filenames 2>/dev/null
    return
  fi
${OFFERING}complete -F _keepalive keepalive
`;
}

const names = (flags: readonly { readonly names: readonly string[] }[]): string =>
  flags.flatMap(flag => flag.names).join(' ');

const members = (family: string, commands: readonly CompletedCommand[]): readonly string[] =>
  commands.flatMap(({ path: [first, second] }) => (first === family && second ? [second] : []));

function arm({ path, flags, first, further }: CompletedCommand): string {
  const choices = `if ((operand == 0)); then choices=${choice(first)}; else choices=${choice(further)}; fi`;
  return `    '${path.join(' ')}') flags+=' ${names(flags)}'; ${choices} ;;`;
}

const valuesOf = ({ path, flags }: CompletedCommand): readonly string[] =>
  flags.flatMap(({ names, values }) =>
    values.length > 0 ? names.map(name => `'${path.join(' ')} ${name}') choices='${values.join(' ')}' ;;`) : [],
  );

function choice(operands: Operands): string {
  switch (operands.kind) {
    case 'ids':
      return '"$(keepalive prompt --format \'{ids}\' 2>/dev/null)"; compopt -o nosort 2>/dev/null';
    case 'words':
      return `'${operands.words.join(' ')}'`;
    case 'assignments':
      return `'${[...operands.words, ...operands.values].join(' ')}'`;
    case 'files':
      return "'<-f>'";
    case 'programs':
      return "'<-c>'";
    case 'none':
      return "''";
  }
}
