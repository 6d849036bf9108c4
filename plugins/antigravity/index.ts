import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { InspectContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import {
  fingerprintOf,
  parseObject,
  readInstant,
  realWait,
  textAt,
  valueAt,
  type Wait,
} from '../../sdk/recipes/store/json-store.ts';
import { isEverProven } from '../../sdk/vendors/releases.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import { ownerTouch } from '../../sdk/recipes/session/owner-touch.ts';
import type { NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';

const Options = z.strictObject({
  id: z.string().default('antigravity'),
  /** The folder that holds `.gemini`. [~] */
  home: z.string().min(1).default('~'),
  method: z.enum(['auto', 'touch', 'observe']).default('auto'),
  /** Antigravity's program for the terminal: a name on the PATH, or a path. */
  program: z.string().min(1).default('agy'),
});

export type AntigravityOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, if it is found. */
export const autodetect = true;

/** The vendor's hosts that are named in this plugin. */
export const hosts = ['cloudcode-pa.googleapis.com'];

const SIGN_IN = 'Start `agy` and sign in with Google.';
const KEYRING = 'A login in the system keyring cannot be inspected.';
const GO_KEYRING = /^go-keyring-base64:/;

/** Keeps Google's Antigravity signed in. All that we know of it is from public reports. */
export default function antigravity(options: AntigravityOptions = {}, wait: Wait = realWait): ProviderPlugin {
  const { id, home, method, program } = checkOptions(Options, options);
  const file = ({ files }: InspectContext) => files.resolve(`${home}/.gemini/antigravity-cli/antigravity-oauth-token`);
  return defineSession(
    {
      id,
      displayName: id === 'antigravity' ? 'Antigravity' : `Antigravity (${id})`,
      owner: 'agy',
      program,
      policy: { schedule: { mode: 'interval', every: '6h' } },
      method,
      files: context => [file(context)],
      look: context => look(file(context), context),
      touch: ownerTouch(({ files }) => ({
        proven: isEverProven('antigravity', 'models'),
        args: ['models'],
        env: { ...(home !== '~' && { HOME: files.resolve(home), USERPROFILE: files.resolve(home) }) },
        endpoint: 'https://cloudcode-pa.googleapis.com/',
      })),
    },
    wait,
  );
}

/** The format of the file differs between versions. The fingerprint is of the whole text, so any change is seen. */
async function look(file: string, { files, conceal }: InspectContext): Promise<StoredLogin | NoLogin> {
  const text = (await files.read(file))?.trim();
  if (!text) return { hint: `${SIGN_IN} ${KEYRING}` };
  conceal(text);
  const plain = GO_KEYRING.test(text) ? Buffer.from(text.replace(GO_KEYRING, ''), 'base64').toString() : text;
  const json = parseObject(plain) ?? {};
  const at = (key: string) => textAt(json, key) ?? textAt(json, `token.${key}`);
  for (const secret of [plain, at('access_token'), at('refresh_token')]) if (secret) conceal(secret);
  const expiry = readInstant(valueAt(json, 'expiry') ?? valueAt(json, 'token.expiry'));
  return { store: file, signIn: SIGN_IN, fingerprint: fingerprintOf(text), dueAt: expiry?.getTime() };
}
