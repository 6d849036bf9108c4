import { COMMANDS, type CommandEntry } from '../commands.ts';
import { GLOBAL_OPTIONS } from '../global-options.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';

const POLICY_KEYS: readonly string[] = Object.keys(DEFAULT_POLICY);

export type Flag = { readonly names: readonly string[]; readonly takesValue: boolean; readonly about: string };

/** What may follow a command: ids of sessions, words, files, or nothing that is known. */
export type Operands =
  | { readonly kind: 'ids' }
  | { readonly kind: 'files' }
  | { readonly kind: 'none' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export type CompletedCommand = {
  /** Its words, one or two. */
  readonly path: readonly string[];
  readonly about: string;
  readonly flags: readonly Flag[];
  readonly first: Operands;
  readonly further: Operands;
};

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const flag = ({ flags, about }: { readonly flags: string; readonly about: string }): Flag => ({
  names: flags.match(/--?[\w-]+/g) ?? [],
  takesValue: /<.*>/.test(flags),
  about,
});

export const globalFlags: readonly Flag[] = [...GLOBAL_OPTIONS, { flags: '-h, --help', about: 'help' }].map(flag);

/** Everything that can be completed, taken from the table of commands. */
export const completedCommands: readonly CompletedCommand[] = Object.values(COMMANDS).flat().map(toCompleted);

/** The names of all flags that a value follows. */
export const valuedFlags: readonly string[] = [
  ...new Set(
    [...globalFlags, ...completedCommands.flatMap(({ flags }) => flags)].flatMap(({ names, takesValue }) =>
      takesValue ? names : [],
    ),
  ),
];

/** The first words there are, families once. */
export const firstWords: readonly string[] = [...new Set(completedCommands.map(({ path: [first = ''] }) => first))];

function toCompleted({ usage, about, options = [] }: CommandEntry): CompletedCommand {
  const words = usage.split(' ');
  const path = words.filter(word => /^[a-z]/.test(word));
  const [first, second] = words.slice(path.length);
  return {
    path,
    about,
    flags: options.map(flag),
    first: operandsOf(first),
    further: operandsOf(first?.includes('...') ? first : second),
  };
}

function operandsOf(argument: string | undefined): Operands {
  switch (argument?.replace(/[[\]<>.]/g, '')) {
    case 'id':
    case 'ids':
      return { kind: 'ids' };
    case 'shell':
      return { kind: 'words', words: SHELLS };
    case 'key=value':
      return { kind: 'words', words: POLICY_KEYS.map(key => `${key}=`) };
    case 'keys':
      return { kind: 'words', words: POLICY_KEYS };
    case 'path':
    case 'file':
      return { kind: 'files' };
    default:
      return { kind: 'none' };
  }
}
