import type { Inspection, RefreshOutcome } from '../../sdk/contract/outcome.ts';
import {
  defineProvider,
  type InspectContext,
  type ProviderContext,
  type ProviderPlugin,
} from '../../sdk/plugin/provider.ts';
import { findProgram } from '../../sdk/recipes/cli/touch.ts';
import type { SessionMethod } from '../../sdk/recipes/session/session.ts';
import type { Wait } from '../../sdk/recipes/store/json-store.ts';
import { codexHome, type CodexHome } from './home.ts';
import { keyringFingerprint, renewInKeyring, signInLog } from './keyring-renewal.ts';
import { look, storeOf } from './login.ts';

/*
 * Codex can keep its login in the system keyring, which only codex can read. We ask it to renew the login every three
 * days, and believe its answer. With "auto" it uses the file only if there is no keyring, and may leave an old file.
 */

const KEYRING = 'the system keyring (Codex Auth)';

/** The options of the provider that matter for a login in the keyring. */
type KeyringOptions = {
  readonly home: string | undefined;
  readonly method: SessionMethod;
  readonly program: string;
  readonly wait: Wait;
};

/** Keeps the login alive in the keyring if codex is set to keep it there, else in the file as `inFile` does. */
export const inKeyring = (inFile: ProviderPlugin, options: KeyringOptions): ProviderPlugin =>
  defineProvider({
    ...inFile,
    async refresh(context) {
      context.signal.throwIfAborted();
      const home = codexHome(context, options.home);
      const store = await storeOf(home, context);
      // With "auto", the token in the file may be spent already. Only codex knows.
      return store === 'keyring' || store === 'auto' ? keep(home, options, context) : inFile.refresh(context);
    },
    async inspect(context) {
      const home = codexHome(context, options.home);
      const store = await storeOf(home, context);
      const isInKeyring =
        store === 'keyring' || (store === 'auto' && 'hint' in (await look(home, context, options.wait)));
      if (isInKeyring || !inFile.inspect) return inspect(home, options, context);
      return inFile.inspect(context);
    },
    watch(context, changed) {
      const stops = [
        inFile.watch?.(context, changed),
        context.files.watch(signInLog(codexHome(context, options.home)), changed),
      ];
      return async () => void (await Promise.all(stops.map(stop => stop?.())));
    },
  });

async function keep(
  home: CodexHome,
  { method, program, wait }: KeyringOptions,
  context: ProviderContext,
): Promise<RefreshOutcome> {
  const login = await look(home, context, wait);
  if (method === 'observe') return { status: 'fresh', method };
  const found = await findProgram(program, context);
  if (!found || method === 'redeem') return { status: 'unavailable', hint: onlyCodex(program), method };
  const file = 'hint' in login ? undefined : login;
  return { ...(await renewInKeyring({ home, program: found, wait }, file, context)), method: 'touch' };
}

async function inspect(
  home: CodexHome,
  { method, program }: KeyringOptions,
  context: InspectContext,
): Promise<Inspection> {
  const found = await findProgram(program, context);
  return {
    present: true,
    store: KEYRING,
    owner: 'codex',
    program: found,
    versionArgs: ['--version'],
    method: !found ? 'observe' : method === 'auto' ? 'touch' : method,
    fingerprint: await keyringFingerprint(home, context.files),
    hint: found ? UNSEEN : onlyCodex(program),
  };
}

const UNSEEN =
  'A login in the keyring cannot be inspected. ' +
  'Codex is asked to renew it every three days, and reports whether it did.';

const onlyCodex = (program: string) =>
  `Only codex can renew a login in the keyring. Install ${program}, or give its path as the option "program".`;
