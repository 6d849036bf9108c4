import { searchConfig } from '../../sdk/search-config.ts';
import type { CommandContext } from './command.ts';

type Circumstances = Pick<CommandContext, 'home' | 'cwd' | 'screen'> & { readonly options: Pick<CommandContext['options'], 'config'> };

/** Says in one line that a configuration in the working directory is not used, because it is not trusted. */
export async function noteUntrusted(circumstances: Circumstances): Promise<void> {
  const { unused } = await searched(circumstances);
  if (unused) note(circumstances, `${unused.file} was found but is not used: ${unused.why}. Review it, then run \`keepalive config trust\`, or name it with --config.`);
}

/** The same for any configuration there, trusted or not: a background daemon has no working directory. */
export async function noteLeftOut(circumstances: Circumstances): Promise<void> {
  const { file, unused } = await searched(circumstances);
  const left = unused?.file ?? file;
  if (left !== undefined) note(circumstances, `${left} was found but is not used: a daemon in the background uses it only with --config.`);
}

async function searched({ home, cwd, options }: Circumstances): Promise<{ readonly file?: string; readonly unused?: { readonly file: string; readonly why: string } | undefined }> {
  const found = options.config === undefined ? await searchConfig(home, cwd) : { place: 'own' as const };
  return found.place === 'own' ? {} : found;
}

/** Keeps it to one line, whatever the folder's name. */
const note = ({ screen }: Circumstances, text: string): void => screen.note(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?'));
