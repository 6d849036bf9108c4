import { join } from 'node:path';
import { z } from 'zod';
import { isRecord } from '../../sdk/base/json.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { InspectContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import {
  fingerprintOf,
  readInstant,
  readJsonFile,
  realWait,
  textAt,
  type JsonObject,
  type Wait,
} from '../../sdk/recipes/store/json-store.ts';
import { programFolder, sentences, type NamedFolder } from '../../sdk/recipes/store/folder-variable.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import type { NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';

const Options = z.strictObject({
  id: z.string().default('opencode'),
  /** The folder that holds `opencode/auth.json`. [$XDG_DATA_HOME, or ~/.local/share] */
  home: z.string().min(1).optional(),
  /** No command renews all its logins without a prompt. */
  method: z.enum(['auto', 'observe']).default('auto'),
  /** The opencode program: a name on the PATH, or a path. */
  program: z.string().min(1).default('opencode'),
});

export type OpencodeOptions = z.input<typeof Options>;

/** Watched without a configuration too, if it is found. */
export const autodetect = true;

const SIGN_IN = 'Run `opencode auth login`.';
const KEYS = 'OpenCode uses only keys and logins without an end, so there is no session to keep alive.';

/** Watches the logins that OpenCode keeps for several vendors. */
export default function opencode(options: OpencodeOptions = {}, wait: Wait = realWait): ProviderPlugin {
  const { id, method, program, ...given } = checkOptions(Options, options);
  const homeIn = (context: InspectContext) =>
    programFolder({ chosen: given.home, variable: 'XDG_DATA_HOME', usual: '~/.local/share' }, context);
  return defineSession(
    {
      id,
      displayName: id === 'opencode' ? 'OpenCode' : `OpenCode (${id})`,
      owner: 'opencode',
      program,
      policy: { schedule: { mode: 'interval', every: '24h' } },
      method,
      files: context => [fileIn(homeIn(context))],
      look: context => look(homeIn(context), context, wait),
    },
    wait,
  );
}

const fileIn = ({ path }: NamedFolder): string => join(path, 'opencode', 'auth.json');

async function look(home: NamedFolder, { files, conceal }: InspectContext, wait: Wait): Promise<StoredLogin | NoLogin> {
  const file = fileIn(home);
  const signIn = sentences(SIGN_IN, home.note);
  const found = await readJsonFile(files, file, wait);
  const logins = Object.entries(found?.json ?? {}).flatMap(([vendor, login]) =>
    isRecord(login) ? [{ vendor, login }] : [],
  );
  for (const secret of logins.flatMap(({ login }) => secretsOf(login))) conceal(secret);
  const lapsing = logins.filter(({ login }) => mayLapse(login));
  if (lapsing.length === 0) return { hint: logins.length > 0 ? `${KEYS} ${signIn}` : signIn };
  const vendors = lapsing.map(({ vendor }) => vendor).filter(vendor => /^[\w.-]{1,40}$/.test(vendor));
  return {
    store: (await files.stat(file))?.path ?? file,
    signIn,
    fingerprint: fingerprintOf(...lapsing.flatMap(({ login }) => secretsOf(login))),
    // The file has only the end of the access tokens, which opencode itself renews.
    isFixed: true,
    note: sentences(
      `Only watched (${vendors.join(', ')}). OpenCode renews it with your next prompt. Its end is not stored.`,
      home.note,
    ),
  };
}

const secretsOf = (login: JsonObject): readonly string[] =>
  ['refresh', 'access', 'key', 'token'].flatMap(name => textAt(login, name) ?? []);

/** A login of GitHub Copilot has a refresh token too, but 0 as its expiry: it does not end. */
const mayLapse = (login: JsonObject): boolean =>
  login['type'] === 'oauth' && login['expires'] !== 0 && readInstant(login['expires']) !== undefined;
