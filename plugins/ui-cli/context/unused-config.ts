import { searchConfig, type Unused } from '../../../sdk/config-file/search-config.ts';
import type { CommandContext } from './command.ts';

type Deps = Pick<CommandContext, 'home' | 'cwd' | 'screen'> & {
  readonly options: Pick<CommandContext['options'], 'config'>;
};

/** Notes in one line that a configuration in the working directory is not used because it is not trusted. */
export async function noteUntrusted(deps: Deps): Promise<void> {
  const { unused } = await searched(deps);
  if (!unused) return;
  const action = 'Review it, then run `keepalive config trust`, or name it with --config.';
  note(deps, `${unused.file} was found but is not used: ${unused.why}. ${action}`);
}

/** The same for any configuration there, even a trusted one: a background daemon has no working directory. */
export async function noteLeftOut(deps: Deps): Promise<void> {
  const { file, unused } = await searched(deps);
  const left = unused?.file ?? file;
  if (left === undefined) return;
  note(deps, `${left} was found but is not used: a daemon in the background uses it only with --config.`);
}

type Searched = { readonly file?: string; readonly unused?: Unused | undefined };

async function searched({ home, cwd, options }: Deps): Promise<Searched> {
  const found = options.config === undefined ? await searchConfig(home, cwd) : { place: 'own' as const };
  return found.place === 'own' ? {} : found;
}

/** Control characters in a folder's name must not add lines. */
const note = ({ screen }: Deps, text: string): void => screen.note(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?'));
