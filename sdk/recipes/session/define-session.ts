import type { Inspection, RefreshOutcome } from '../../contract/outcome.ts';
import {
  defineProvider,
  type InspectContext,
  type ProviderContext,
  type ProviderPlugin,
} from '../../plugin/provider.ts';
import { findProgram } from '../cli/touch.ts';
import { assertSafeEndpoint } from '../http/address.ts';
import { redeem } from '../oauth/redeem.ts';
import type { TokenFile } from '../oauth/token-file.ts';
import { realWait, type Wait } from '../store/json-store.ts';
import { observe, observeFixed, timesOf } from './observe.ts';
import { installFirst } from '../../wording/sign-in-advice.ts';
import { isNoLogin, type NoLogin, type SessionOptions, type StoredLogin } from './session.ts';

/**
 * A provider for a credential that a vendor's program owns. It touches, redeems or observes, in this order of
 * preference, and leaves a credential alone that is not due or that its owner is about to renew.
 */
export function defineSession<Login extends StoredLogin>(
  session: SessionOptions<Login>,
  wait: Wait = realWait,
): ProviderPlugin {
  const { id, displayName, policy, files, signIn } = session;
  return defineProvider({
    id,
    displayName,
    // A touch has 60 s, then gets SIGTERM, then 60 s more.
    policy: { timeout: '150s', ...policy },
    refresh: context => refresh(session, context, wait),
    inspect: context => inspect(session, context, wait),
    watch(context, changed) {
      const stops = files(context).map(file => context.files.watch(file, changed));
      return async () => void (await Promise.all(stops.map(stop => stop())));
    },
    ...(signIn && { signIn }),
  });
}

async function refresh<Login extends StoredLogin>(
  session: SessionOptions<Login>,
  context: ProviderContext,
  wait: Wait,
): Promise<RefreshOutcome> {
  context.signal.throwIfAborted();
  const login = await session.look(context, wait);
  const program = await findOwner(session, context);
  if (isNoLogin(login)) {
    const { hint, unusable } = login;
    return { status: 'unavailable', hint: installFirst(hint, { owner: session.owner, program, unusable }) };
  }
  const method = chooseMethod(session, login, program);
  if (login.blank) {
    const proof = `${session.owner} has emptied its own credential.`;
    return { status: 'login-required', hint: login.signIn, proof, method };
  }
  if (login.isFixed) return observeFixed(login, context.now());
  if (method === 'observe') return observe(session, login, context.now());
  const file = await session.redeem?.tokenFile(login, context);
  const recovered = file && (await recover(file, context, wait));
  if (recovered) return recovered;
  const isDue = session.isDue ?? isDueByTime;
  if (!isDue(login, context, { method, program })) return { status: 'fresh', ...timesOf(login), method };
  const aside = await session.standAside?.(login, context);
  if (aside) return { ...aside, method };
  const acting = { session, login, context, wait };
  return method === 'redeem' ? spend(acting, file) : touch(acting, program);
}

type Acting<Login extends StoredLogin> = {
  readonly session: SessionOptions<Login>;
  readonly login: Login;
  readonly context: ProviderContext;
  readonly wait: Wait;
};

/** Installs the successor of a spent token that a crash has left in the journal. Undefined if there is none. */
async function recover(file: TokenFile, context: ProviderContext, wait: Wait): Promise<RefreshOutcome | undefined> {
  const outcome = await redeem({ ...file, dueAt: () => Infinity }, { ...context, force: false }, wait);
  return outcome.status === 'fresh' ? undefined : outcome;
}

async function spend<Login extends StoredLogin>(
  { session, login, context, wait }: Acting<Login>,
  file: TokenFile | undefined,
): Promise<RefreshOutcome> {
  const method = 'redeem';
  if (file && session.redeem?.spend) return session.redeem.spend(login, context, file);
  if (file) {
    assertSafeEndpoint(file.tokenEndpoint, 'tokenEndpoint');
    return redeem(file, context, wait);
  }
  const hint = `Only ${session.owner} can renew what is in ${login.store}. ${install(session.program)}`;
  return { status: 'unavailable', hint, method };
}

async function touch<Login extends StoredLogin>(
  { session, login, context, wait }: Acting<Login>,
  program: string | undefined,
): Promise<RefreshOutcome> {
  const method = 'touch';
  if (!program || !session.touch) {
    const hint = `There is no ${session.program}. ${install(session.program)}`;
    return { status: 'unavailable', hint, method };
  }
  return session.touch.run(login, context, {
    owner: session.owner,
    program,
    wait,
    lock: `${context.files.resolve(session.files(context)[0])}.keepalive`,
    observe: reason => observe(session, login, context.now(), reason),
    async read() {
      const now = await session.look(context, wait);
      if (!isNoLogin(now)) return now;
      return now.blank ? { fingerprint: '', blank: true } : undefined;
    },
  });
}

async function inspect<Login extends StoredLogin>(
  session: SessionOptions<Login>,
  context: InspectContext,
  wait: Wait,
): Promise<Inspection> {
  const looking = session.look({ ...context, exec: undefined }, wait);
  const [login, program] = await Promise.all([looking, findOwner(session, context)]);
  const { owner, versionArgs } = session;
  const known = {
    owner,
    program,
    variables: variablesOf(session, context),
    versionArgs,
    method: chooseMethod(session, login, program),
  };
  if (isNoLogin(login)) {
    const { blank: _blank, alsoIn = [], ...absence } = login;
    const [store] = session.files(context).map(file => context.files.resolve(file));
    return { present: false, store, places: [...(store ? [store] : []), ...alsoIn], ...known, ...absence };
  }
  const { store, assumed, fingerprint, refreshFingerprint, account, accountLabel, loginEndIsFixed } = login;
  return {
    present: true,
    assumed,
    store,
    ...known,
    ...timesOf(login),
    fingerprint: fingerprint || undefined,
    refreshFingerprint,
    account,
    accountLabel,
    loginEndIsFixed,
    renew: login.signIn,
    hint: await hintFor(session, login, context, known.method),
  };
}

/** Undefined has no place in JSON. */
function variablesOf<Login extends StoredLogin>(
  { variables }: SessionOptions<Login>,
  context: InspectContext,
): Inspection['variables'] {
  const given = Object.entries(variables?.(context) ?? {});
  return given.length > 0 ? Object.fromEntries(given.map(([name, value]) => [name, value ?? null])) : undefined;
}

async function hintFor<Login extends StoredLogin>(
  { touch, redeem, owner }: SessionOptions<Login>,
  login: Login,
  context: InspectContext,
  method: string,
): Promise<string | undefined> {
  if (login.blank) return login.signIn;
  if (login.isFixed) return login.note;
  if (method === 'redeem' && (await redeem?.tokenFile(login, context))) return redeem?.note;
  return (await touch?.note?.(login, context, owner)) ?? login.note;
}

/** Where the owner's program is. Undefined if it is not installed. */
export async function findOwner(
  { program, usualPrograms = [] }: Pick<SessionOptions, 'program' | 'usualPrograms'>,
  context: InspectContext,
): Promise<string | undefined> {
  for (const place of [program, ...usualPrograms]) {
    const found = await findProgram(place, context);
    if (found) return found;
  }
  return undefined;
}

function chooseMethod<Login extends StoredLogin>(
  { method, touch, redeem }: SessionOptions<Login>,
  login: StoredLogin | NoLogin,
  program: string | undefined,
): 'touch' | 'redeem' | 'observe' {
  if (!isNoLogin(login) && login.isFixed) return 'observe';
  const isPossible = { touch: touch !== undefined, redeem: redeem !== undefined, observe: true };
  if (method !== 'auto') return isPossible[method] ? method : 'observe';
  if (program && touch) return 'touch';
  return redeem ? 'redeem' : 'observe';
}

const isDueByTime = ({ dueAt }: StoredLogin, context: ProviderContext): boolean =>
  context.force || hasComeDue(dueAt, context);

/** Whether it is due without `force`. A credential without a known time is due at each tick. */
export const hasComeDue = (dueAt: number | undefined, { reason, now }: ProviderContext): boolean =>
  dueAt === undefined ? reason !== 'changed' : now() >= dueAt;

const install = (program: string): string => `Install ${program}, or give its path as the option "program".`;
