import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { RELEASES } from '../../sdk/vendors/releases.ts';
import { grokHome } from './home.ts';
import { readLogin, type Login } from './login.ts';
import { grokSignIn } from './sign-in.ts';
import { touchGrok } from './touch.ts';

const Options = z.strictObject({
  id: z.string().default('grok'),
  /** Grok's folder. [$GROK_HOME, or ~/.grok] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'observe']).default('auto'),
  /** The grok program: a name on the PATH, or a path. */
  program: z.string().min(1).default('grok'),
});

export type GrokOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, if it is found. */
export const autodetect = true;

/** Folders beside it, such as `~/.grok-work`, may hold the logins of other accounts. */
export const usualHome = '~/.grok';

/** The vendor's hosts that are named in this plugin. */
export const hosts = ['auth.x.ai'];

/** Keeps xAI's Grok CLI signed in. */
export default function grok(options: GrokOptions = {}, wait: Wait = realWait, releases = RELEASES): ProviderPlugin {
  const { id, home, method, program } = checkOptions(Options, options);
  // The other is where grok's installers put it.
  const owner = { program, usualPrograms: program === 'grok' ? ['~/.grok/bin/grok'] : [] };
  return defineSession<Login>(
    {
      id,
      displayName: id === 'grok' ? 'Grok CLI' : `Grok CLI (${id})`,
      owner: 'grok',
      ...owner,
      versionArgs: ['--version'],
      // The access token lives for 6 hours. A touch takes up to 110 s, and is not ended sooner.
      policy: { schedule: { mode: 'interval', every: '1h' }, timeout: '150s' },
      method,
      variables: context => grokHome(context, home).env,
      files: context => [grokHome(context, home).file],
      look: (context, patience) => readLogin(grokHome(context, home), context, patience),
      touch: { run: (login, context, run) => touchGrok(login, context, { ...run, releases }) },
      signIn: grokSignIn({ home, owner, wait }),
      expired: { reason: 'The access token has expired. Grok renews it when it is next used.' },
    },
    wait,
  );
}
