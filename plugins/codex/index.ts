import { join } from 'node:path';
import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { defineProvider, type ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { RELEASES } from '../../sdk/vendors/releases.ts';
import { codexHome } from './home.ts';
import { inKeyring } from './keyring.ts';
import { look, type Login } from './login.ts';
import { codexTokenFile, spend } from './redeem.ts';
import { codexSignIn } from './sign-in.ts';
import { isDue, standAside } from './timing.ts';
import { envOf, touchCodex } from './touch.ts';

const Options = z.strictObject({
  id: z.string().default('codex'),
  /** Codex's home. [$CODEX_HOME, or ~/.codex] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'redeem', 'observe']).default('auto'),
  /** The codex program: a name on the PATH, or a path. */
  program: z.string().min(1).default('codex'),
});

export type CodexOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, if it is found. */
export const autodetect = true;

/** Folders beside it, such as `~/.codex-work`, may hold the logins of other accounts. */
export const usualHome = '~/.codex';

/** The vendor's hosts that are named in this plugin. */
export const hosts = ['auth.openai.com'];

const REDEEM_NOTE =
  'Its refresh token is spent without codex, which OpenAI advises against. Install codex to have it do that itself.';

/** Keeps OpenAI's Codex signed in with ChatGPT. */
export default function codex(options: CodexOptions = {}, wait: Wait = realWait, releases = RELEASES): ProviderPlugin {
  const { id, home, method, program } = checkOptions(Options, options);
  const inFile = defineSession<Login>(
    {
      id,
      displayName: id === 'codex' ? 'Codex' : `Codex (${id})`,
      owner: 'codex',
      program,
      versionArgs: ['--version'],
      policy: { schedule: { mode: 'interval', every: '60m' } },
      method,
      variables: context => envOf(codexHome(context, home)),
      look: context => look(codexHome(context, home), context, wait),
      files(context) {
        const { folder } = codexHome(context, home);
        return [join(folder, 'auth.json'), join(folder, 'config.toml')];
      },
      isDue,
      standAside: (login, context) => standAside(login, context, wait),
      touch: { run: (login, context, run) => touchCodex(login, context, { ...run, releases }) },
      redeem: {
        tokenFile: codexTokenFile,
        spend: (_login, context, file) => spend(file, context, wait),
        note: REDEEM_NOTE,
      },
      expired: { reason: 'The access token has expired. Codex renews it when it is next started.' },
    },
    wait,
  );
  const anywhere = inKeyring(inFile, { home, method, program, wait });
  return defineProvider({ ...anywhere, signIn: codexSignIn({ home, program }) });
}
