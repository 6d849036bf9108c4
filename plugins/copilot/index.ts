import { join } from 'node:path';
import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { InspectContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { fingerprintOf } from '../../sdk/recipes/store/json-store.ts';
import { findProgram } from '../../sdk/recipes/cli/touch.ts';
import { programFolder, sentences, type NamedFolder } from '../../sdk/recipes/store/folder-variable.ts';
import { maskAccount } from '../../sdk/recipes/store/account.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import type { NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';

const Options = z.strictObject({
  id: z.string().default('copilot'),
  /** Copilot's home. [$COPILOT_HOME, or ~/.copilot] */
  home: z.string().min(1).optional(),
  /** Its token has no expiry, so there is nothing to renew. */
  method: z.enum(['auto', 'observe']).default('auto'),
  /** The copilot program: a name on the PATH, or a path. */
  program: z.string().min(1).default('copilot'),
});

export type CopilotOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, if it is found. */
export const autodetect = true;

const SIGN_IN = 'Run `copilot login --device-code`.';
/** In the order in which Copilot looks for them. */
const VARIABLES = ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN'];
// Copilot 1.0.102 changes these names, which older releases wrote, when it is next started.
const USERS = /"(?:logged_in_users|loggedInUsers)"\s*:\s*\[\s*\{/;
const LAST_USER = /"(?:last_logged_in_user|lastLoggedInUser)"\s*:\s*\{[^{}]*"login"\s*:\s*"([^"\\]+)"/;
const TOKEN = /\b(?:gh[a-z]_|github_pat_)\w+/g;

/** Watches the login of GitHub's Copilot CLI. Its token ends if it is revoked, or not used for a year. */
export default function copilot(options: CopilotOptions = {}): ProviderPlugin {
  const { id, method, program, ...given } = checkOptions(Options, options);
  const homeIn = (context: InspectContext) =>
    programFolder({ chosen: given.home, variable: 'COPILOT_HOME', usual: '~/.copilot' }, context);
  return defineSession({
    id,
    displayName: id === 'copilot' ? 'GitHub Copilot CLI' : `GitHub Copilot CLI (${id})`,
    owner: 'copilot',
    program,
    policy: { schedule: { mode: 'interval', every: '24h' } },
    method,
    files: context => [fileIn(homeIn(context)), ghLogin(context)],
    look: context => look(homeIn(context), program, context),
  });
}

const fileIn = ({ path }: NamedFolder): string => join(path, 'config.json');

async function look(home: NamedFolder, program: string, context: InspectContext): Promise<StoredLogin | NoLogin> {
  const { files, env, conceal } = context;
  const file = fileIn(home);
  const config = await files.read(file);
  // Other programs use the tokens of the environment and of gh too. They count only if Copilot is installed.
  const isUsed = config !== undefined || (await findProgram(program, context));
  const variable = isUsed ? VARIABLES.find(name => env[name]) : undefined;
  if (variable) return loginOf(`the variable ${variable}`, [env[variable] ?? ''], conceal);
  const kept = config?.match(TOKEN);
  if (config !== undefined && (kept || USERS.test(config))) {
    const changed = await files.stat(file);
    const day = changed && new Date(changed.modifiedAt).toISOString().slice(0, 10);
    const lastChange = day && `It was last changed on ${day}; a token that is not used for a year ends.`;
    const note = sentences(lastChange, home.note) || undefined;
    const accountLabel = maskAccount(LAST_USER.exec(config)?.[1]);
    if (kept) return { ...loginOf(file, kept, conceal), accountLabel, note };
    return {
      accountLabel,
      store: 'the keychain of the system (copilot-cli)',
      signIn: SIGN_IN,
      fingerprint: fingerprintOf(config),
      note,
    };
  }
  const borrowed = isUsed ? (await files.read(ghLogin(context)))?.trim() : undefined;
  return borrowed
    ? loginOf(`the login of gh (${ghLogin(context)})`, borrowed.match(TOKEN) ?? [borrowed], conceal)
    : { hint: sentences(SIGN_IN, home.note), ...(isUsed && { alsoIn: [ghLogin(context)] }) };
}

/** Copilot uses the login of GitHub's own program if it has none. */
function ghLogin(context: InspectContext): string {
  const config = programFolder({ chosen: undefined, variable: 'XDG_CONFIG_HOME', usual: '~/.config' }, context);
  const usual = join(config.path, 'gh');
  const { path } = programFolder({ chosen: undefined, variable: 'GH_CONFIG_DIR', usual }, context);
  return join(path, 'hosts.yml');
}

function loginOf(store: string, secrets: readonly string[], conceal: (secret: string) => void): StoredLogin {
  for (const secret of secrets) conceal(secret);
  return { store, signIn: SIGN_IN, fingerprint: fingerprintOf(...secrets) };
}
