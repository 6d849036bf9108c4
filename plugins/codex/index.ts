import { join } from 'node:path';
import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import {
  defineProvider,
  type InspectContext,
  type ProviderContext,
  type ProviderPlugin,
  type RefreshOutcome,
} from '../../sdk/plugin/provider.ts';
import { findProgram, touch } from '../../sdk/recipes/cli/touch.ts';
import { folderNamedBy } from '../../sdk/recipes/store/folder-variable.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import { dueAt, isCodexRunning, isVendorsTurn } from './due.ts';
import { KEYRING, keyringFingerprint, renewInKeyring, signInLog } from './keyring.ts';
import { lookAtLogin, storeOf, type CodexStore, type Login, type NoLogin, type Place } from './login.ts';
import { codexTokenFile } from './redeem.ts';
import { appServerTouch } from './touch.ts';

const Options = z.strictObject({
  id: z.string().default('codex'),
  /** Codex's home. [$CODEX_HOME, or ~/.codex] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'redeem', 'observe']).default('auto'),
  /** The codex program: a name on the PATH, or a path. */
  program: z.string().min(1).default('codex'),
});

export type CodexOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, where it is found. */
export const autodetect = true;

/** Keeps OpenAI's Codex signed in with ChatGPT. */
export default function codex(options: CodexOptions = {}, wait: Wait = realWait): ProviderPlugin {
  const { id, method, program, ...given } = checkOptions(Options, options);
  const choose = (found: string | undefined) => (method === 'auto' ? (found ? 'touch' : 'redeem') : method);

  function placeIn(context: InspectContext): Place {
    const { env, files } = context;
    const variable = given.home === undefined ? env['CODEX_HOME'] : undefined;
    const { path: home, note } = variable
      ? folderNamedBy('CODEX_HOME', variable, context)
      : { path: files.resolve(given.home ?? '~/.codex') };
    const isNamed = given.home !== undefined || note !== undefined;
    return {
      home,
      note,
      loginHint: [`Run \`codex login\`${isNamed ? ` with CODEX_HOME=${home}` : ''}.`, note].filter(Boolean).join(' '),
      endpoint: env['CODEX_REFRESH_TOKEN_URL_OVERRIDE'] || 'https://auth.openai.com/oauth/token',
    };
  }

  /** The login in the file, if the file is the store. */
  const lookAt = async (place: Place, store: CodexStore, context: InspectContext): Promise<Login | NoLogin> => {
    if (store === 'keyring') return { hint: place.loginHint };
    if (store === 'ephemeral') return { hint: EPHEMERAL };
    const login = await lookAtLogin(place, context, wait);
    const isNone = 'hint' in login && login.hint === place.loginHint;
    return isNone && store === 'file' ? { hint: `${login.hint} ${MAYBE_KEYRING}` } : login;
  };

  async function keepInKeyring(
    place: Place,
    login: Login | NoLogin,
    context: ProviderContext,
  ): Promise<RefreshOutcome> {
    if (method === 'observe') return { status: 'fresh', method };
    const found = await findProgram(program, context);
    if (!found || method === 'redeem') return { status: 'unavailable', hint: onlyCodex(program), method };
    const file = 'hint' in login ? undefined : login;
    return { ...(await renewInKeyring({ place, program: found, file }, context, wait)), method: 'touch' };
  }

  /** Whether it is for codex to act, or it just did: then that is the outcome. */
  async function standAside(context: ProviderContext, place: Place, login: Login): Promise<RefreshOutcome | undefined> {
    if (!isVendorsTurn(login, context.now())) return undefined;
    if (await isCodexRunning(context))
      return { status: 'deferred', reason: 'A running codex may be about to renew it itself.' };
    await wait(1_000);
    const now = await lookAtLogin(place, context, wait);
    if ('hint' in now) return { status: 'unavailable', hint: now.hint };
    return now.fingerprint === login.fingerprint ? undefined : { status: 'fresh', expiresAt: now.expiresAt };
  }

  return defineProvider({
    id,
    displayName: id === 'codex' ? 'Codex' : `Codex (${id})`,
    // Codex may take a minute to be told to end and another one to do so, and is never killed before that.
    policy: { schedule: { mode: 'interval', every: '60m' }, timeout: '150s' },

    async refresh(context) {
      context.signal.throwIfAborted();
      const place = placeIn(context);
      const store = await storeOf(place, context);
      const login = await lookAt(place, store, context);
      // What "auto" left in a file may be spent already: only codex knows.
      if (store === 'keyring' || store === 'auto') return keepInKeyring(place, login, context);
      if ('hint' in login) return { status: 'unavailable', hint: login.hint };
      if (method === 'observe') return observe(login, context.now());
      // A crash may have left the successor of a spent token in the journal: nobody may use the spent one again.
      const recovered = await redeem(codexTokenFile(login, place, false), { ...context, force: false }, wait);
      if (recovered.status !== 'fresh') return recovered;

      const found = await findProgram(program, context);
      const chosen = choose(found);
      const isDue = context.force || context.now() >= dueAt(login, context);
      const idle = isDue
        ? await standAside(context, place, login)
        : ({ status: 'fresh', expiresAt: login.expiresAt } as const);
      if (idle) return { ...idle, method: chosen };
      if (chosen === 'redeem') {
        if (isSafeEndpoint(place.endpoint)) return redeem(codexTokenFile(login, place, true), context, wait);
        return {
          status: 'unavailable',
          hint: 'CODEX_REFRESH_TOKEN_URL_OVERRIDE is not an https:// address.',
          method: chosen,
        };
      }
      if (!found) return { status: 'unavailable', hint: `There is no ${program}. ${install(program)}`, method: chosen };
      const read = async () => {
        const now = await lookAtLogin(place, context, wait);
        return 'hint' in now ? undefined : now;
      };
      const isRenewed = async () => (await read())?.fingerprint !== login.fingerprint;
      const question = { program: found, place, atTheEnd: isVendorsTurn(login, context.now()), isRenewed };
      return touch(context, { ...appServerTouch(question, login, context), read, wait }, login);
    },

    async inspect(context) {
      const place = placeIn(context);
      const store = await storeOf(place, context);
      const [login, found] = await Promise.all([lookAt(place, store, context), findProgram(program, context)]);
      const known = { owner: 'codex', program: found, versionArgs: ['--version'], method: choose(found) };
      if (store === 'keyring' || (store === 'auto' && 'hint' in login)) {
        const fingerprint = await keyringFingerprint(place, context);
        const how = found ? { method: known.method, hint: UNSEEN } : { method: 'observe', hint: onlyCodex(program) };
        return { present: true, store: KEYRING, ...known, ...how, fingerprint };
      }
      if ('hint' in login) return { present: false, store: join(place.home, 'auth.json'), ...known, hint: login.hint };
      const { path, expiresAt, fingerprint, refreshFingerprint, account } = login;
      const hint = known.method === 'redeem' ? REDEEM_HINT : place.note;
      return { present: true, store: path, ...known, expiresAt, fingerprint, refreshFingerprint, account, hint };
    },

    watch(context, changed) {
      const place = placeIn(context);
      const stops = [join(place.home, 'auth.json'), signInLog(place)].map(file => context.files.watch(file, changed));
      return async () => void (await Promise.all(stops.map(stop => stop())));
    },
  });
}

const REDEEM_HINT =
  'Its refresh token is spent without codex, which OpenAI advises against. Install codex to have it do that itself.';

const EPHEMERAL =
  'Codex is set to "ephemeral", so its login ends with the process. ' +
  'Set cli_auth_credentials_store = "file" in its config.toml, and run `codex login`.';

const MAYBE_KEYRING = 'If it is in the system keyring, set cli_auth_credentials_store = "keyring" in config.toml.';

const UNSEEN =
  'A login in the keyring cannot be inspected. Codex is asked to renew it every three days, and reports whether it did.';

const onlyCodex = (program: string) => `Only codex can renew a login in the keyring. ${install(program)}`;

const install = (program: string) => `Install ${program}, or give its path as the option "program".`;

/** Looks and reminds. */
const observe = ({ expiresAt }: Login, now: number): RefreshOutcome =>
  expiresAt && expiresAt.getTime() <= now
    ? {
        status: 'deferred',
        reason: 'The access token has expired. Codex renews it when it is next started.',
        method: 'observe',
      }
    : { status: 'fresh', expiresAt, method: 'observe' };
