import { GLOBAL_OPTIONS } from '../context/options.ts';

const VALUED = GLOBAL_OPTIONS.filter(({ flags }) => flags.includes('<')).map(({ flags }) => flags.split(' ')[0]);

/**
 * The command line with a `--home` after `add` written as `home=DIR`: there it is the provider's folder. Before the
 * command, and with every other command, `--home` is the folder of keepalive itself.
 */
export function withProviderHome(argv: readonly string[]): readonly string[] {
  const at = commandAt(argv);
  if (argv[at] !== 'add') return argv;
  const words: string[] = [];
  for (let index = at + 1; index < argv.length; index += 1) {
    const [word = '', next] = [argv[index], argv[index + 1]];
    if (word === '--') return [...argv.slice(0, at + 1), ...words, ...argv.slice(index)];
    if (word === '--home' && next !== undefined) {
      words.push(`home=${next}`);
      index += 1;
    } else words.push(word.startsWith('--home=') ? word.slice(2) : word);
  }
  return [...argv.slice(0, at + 1), ...words];
}

/** Where the command is: the first word that is neither an option nor its value. */
function commandAt(argv: readonly string[]): number {
  let at = 0;
  while (argv[at]?.startsWith('-')) at += VALUED.includes(argv[at]) ? 2 : 1;
  return at;
}
