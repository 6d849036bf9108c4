import { valuedFlags, type CompletedCommand, type Completions, type Flag, type Operands } from './words.ts';

/** A completion script for fish. */
export function fishScript(completions: Completions): string {
  const { globalFlags, commands, firstWords } = completions;
  return `# Completion of keepalive for fish: keepalive completion fish | source
function __keepalive_words
    set -l isvalue no
    for word in (commandline -opc)[2..]
        if test $isvalue = yes
            set isvalue no
            continue
        end
        switch $word
            case ${valuedFlags(completions).join(' ')}
                set isvalue yes
            case '-*'
            case '*'
                echo $word
        end
    end
end

function __keepalive_at
    set -l words (__keepalive_words)
    test "$words[1..$(count $argv)]" = "$argv"
end

function __keepalive_count
    test (count (__keepalive_words)) $argv
end

function __keepalive_assigning
    string match -q '*=*' -- (commandline -ct)
end

function __keepalive_ids
    string split ' ' -- (keepalive prompt --format '{ids}' 2>/dev/null)
end

complete -c keepalive -f
${globalFlags.map(flag => complete(flag)).join('\n')}
${firstWords.map(word => line('__keepalive_count -eq 0', `-a ${word}`, aboutFirst(word, commands))).join('\n')}
${commands.flatMap(completeCommand).join('\n')}
`;
}

const quote = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;

const line = (condition: string, what: string, about: string): string =>
  `complete -c keepalive -n ${quote(condition)} ${what} -d ${quote(about)}`;

function aboutFirst(word: string, all: readonly CompletedCommand[]): string {
  const commands = all.filter(({ path }) => path[0] === word);
  const [only] = commands;
  return only?.path.length === 1 ? only.about : commands.map(({ path: [, member] }) => member).join(', ');
}

function complete({ names, takesValue, about, values }: Flag, condition?: string): string {
  const spelled = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
  // Without files, unless the value is one.
  const value = names.includes('--home') || names.includes('--config') ? ' -r -F' : ' -x';
  const offered = values.length > 0 ? ` -a ${quote(values.join(' '))}` : '';
  const flag = `${spelled}${takesValue ? value : ''}${offered}`;
  return condition ? line(condition, flag, about) : `complete -c keepalive ${flag} -d ${quote(about)}`;
}

function completeCommand({ path, about, flags, first, further }: CompletedCommand): readonly string[] {
  const at = `__keepalive_at ${path.join(' ')}`;
  const count = (comparison: string) => `${at}; and __keepalive_count ${comparison}`;
  const [family, member] = path;
  return [
    ...(member ? [line(`__keepalive_at ${family}; and __keepalive_count -eq 1`, `-a ${member}`, about)] : []),
    ...flags.map(flag => complete(flag, at)),
    ...operands(first, count(`-eq ${path.length}`)),
    ...operands(further, count(`-gt ${path.length}`)),
  ];
}

function operands(wanted: Operands, condition: string): readonly string[] {
  switch (wanted.kind) {
    case 'ids':
      return [`complete -c keepalive -n ${quote(condition)} -k -a '(__keepalive_ids)'`];
    case 'words':
      return [`complete -c keepalive -n ${quote(condition)} -a ${quote(wanted.words.join(' '))}`];
    case 'assignments': {
      const offer = (when: string, words: readonly string[]) =>
        `complete -c keepalive -n ${quote(`${condition}; and ${when}`)} -a ${quote(words.join(' '))}`;
      return [offer('not __keepalive_assigning', wanted.words), offer('__keepalive_assigning', wanted.values)];
    }
    case 'programs':
      return [`complete -c keepalive -n ${quote(condition)} -a '(__fish_complete_command)'`];
    case 'files':
      return [`complete -c keepalive -n ${quote(condition)} -F`];
    case 'none':
      return [];
  }
}
