import type { CommandEntry, CommandTable, OptionEntry } from '../context/command.ts';
import { GLOBAL_OPTIONS } from '../context/options.ts';
import { METHOD_NAMES } from '../../../sdk/contract/access.ts';
import { SNIPPETS } from '../prompt/snippets.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import { addableNames, WARM_UP } from '../../../sdk/plugin/addable.ts';

// From the defaults: the schemas would load zod, and a shell may run this at each start.
const POLICY_KEYS: readonly string[] = Object.keys(DEFAULT_POLICY);

const SET_KEYS: readonly string[] = POLICY_KEYS.flatMap(key =>
  key === 'backoff' ? Object.keys(DEFAULT_POLICY.backoff).map(part => `backoff.${part}`) : [key],
);

/** Values that can be listed, or forms to start from. */
const VALUES: readonly string[] = [
  ...['interval:30m', 'daily:09:00', 'before-expiry:5m'].map(form => `schedule=${form}`),
  ...Object.entries(DEFAULT_POLICY).flatMap(([key, value]) =>
    typeof value === 'boolean' ? [`${key}=true`, `${key}=false`] : [],
  ),
];

export type Flag = {
  readonly names: readonly string[];
  readonly takesValue: boolean;
  readonly about: string;
  /** Values to offer. */
  readonly values: readonly string[];
};

/** The operands of a command: session ids, fixed words, files, programs, or nothing known. */
export type Operands =
  | { readonly kind: 'ids' }
  | { readonly kind: 'files' }
  | { readonly kind: 'programs' }
  | { readonly kind: 'none' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** `KEY=`, and once a key is typed `KEY=VALUE`. */
  | { readonly kind: 'assignments'; readonly words: readonly string[]; readonly values: readonly string[] };

export type CompletedCommand = {
  /** The words of its name, one or two. */
  readonly path: readonly string[];
  readonly about: string;
  readonly flags: readonly Flag[];
  readonly first: Operands;
  readonly further: Operands;
};

/** Everything that can be completed. */
export type Completions = {
  readonly globalFlags: readonly Flag[];
  readonly commands: readonly CompletedCommand[];
  /** The first words of all commands, without duplicates. */
  readonly firstWords: readonly string[];
};

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export function completionsOf(table: CommandTable): Completions {
  const commands = Object.values(table).flat().map(toCompleted);
  return {
    globalFlags: [...GLOBAL_OPTIONS, { flags: '-h, --help', about: 'help' }].map(toFlag),
    commands,
    firstWords: [...new Set(commands.map(({ path: [first = ''] }) => first))],
  };
}

/** The names of all flags that take a value. */
export function valuedFlags({ globalFlags, commands }: Completions): readonly string[] {
  const flags = [...globalFlags, ...commands.flatMap(command => command.flags)];
  return [...new Set(flags.flatMap(({ names, takesValue }) => (takesValue ? names : [])))];
}

const toFlag = ({ flags, about, values = [] }: Pick<OptionEntry, 'flags' | 'about' | 'values'>): Flag => ({
  names: flags.match(/--?[\w-]+/g) ?? [],
  takesValue: /<.*>/.test(flags),
  about,
  values,
});

function toCompleted({ usage, about, options = [] }: CommandEntry): CompletedCommand {
  const words = usage.split(' ');
  const path = words.filter(word => /^[a-z]/.test(word));
  const [first, second] = words.slice(path.length);
  return {
    path,
    about,
    flags: options.map(toFlag),
    // Its id is that of no session.
    first: path.join() === 'warmup' ? { kind: 'none' } : operandsOf(first),
    further: operandsOf(first?.includes('...') ? first : second),
  };
}

function operandsOf(argument: string | undefined): Operands {
  switch (argument?.replace(/[[\]<>.]/g, '')) {
    case 'id':
    case 'ids':
      return { kind: 'ids' };
    case 'plugin':
      return { kind: 'words', words: [...addableNames, WARM_UP.plugin] };
    case 'method':
      return { kind: 'words', words: METHOD_NAMES };
    case 'shell':
      return { kind: 'words', words: SHELLS };
    case 'tool':
      return { kind: 'words', words: Object.keys(SNIPPETS) };
    case 'key=value':
      return { kind: 'assignments', words: SET_KEYS.map(key => `${key}=`), values: VALUES };
    case 'keys':
      return { kind: 'words', words: POLICY_KEYS };
    case 'command':
      return { kind: 'programs' };
    case 'path':
    case 'file':
    case 'module':
    case 'args':
      return { kind: 'files' };
    default:
      return { kind: 'none' };
  }
}
