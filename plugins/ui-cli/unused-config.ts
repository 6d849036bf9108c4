import { searchConfig, type Unused } from '../../sdk/config-file/search-config.ts';
import type { CommandContext } from './command.ts';

type Circumstances = Pick<CommandContext, 'home' | 'cwd' | 'screen'> & {
  readonly options: Pick<CommandContext['options'], 'config'>;
};

/** Says in one line that a configuration in the working directory is not used, because it is not trusted. */
export async function noteUntrusted(circumstances: Circumstances): Promise<void> {
  const { unused } = await searched(circumstances);
  if (!unused) return;
  const todo = 'Review it, then run `keepalive config trust`, or name it with --config.';
  note(circumstances, `${unused.file} was found but is not used: ${unused.why}. ${todo}`);
}

/** The same for any configuration there, trusted or not: a background daemon has no working directory. */
export async function noteLeftOut(circumstances: Circumstances): Promise<void> {
  const { file, unused } = await searched(circumstances);
  const left = unused?.file ?? file;
  if (left === undefined) return;
  note(circumstances, `${left} was found but is not used: a daemon in the background uses it only with --config.`);
}

type Searched = { readonly file?: string; readonly unused?: Unused | undefined };

async function searched({ home, cwd, options }: Circumstances): Promise<Searched> {
  const found = options.config === undefined ? await searchConfig(home, cwd) : { place: 'own' as const };
  return found.place === 'own' ? {} : found;
}

/** Keeps it to one line, whatever the folder's name. */
const note = ({ screen }: Circumstances, text: string): void =>
  screen.note(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?'));
