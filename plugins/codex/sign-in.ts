import { loginFailed } from '../../sdk/contract/errors.ts';
import type { Dialogue } from '../../sdk/plugin/process.ts';
import type { OpenStep, SignIn, SignInContext } from '../../sdk/plugin/sign-in.ts';
import { findProgram } from '../../sdk/recipes/cli/touch.ts';
import { parseObject, textAt, valueAt, type JsonObject } from '../../sdk/recipes/store/json-store.ts';
import { codexHome, type CodexHome } from './home.ts';
import { noteSignIn } from './keyring-renewal.ts';
import { EPHEMERAL, storeOf } from './login.ts';
import { reasonOf } from './sign-in-reason.ts';
import { ask, envOf, greet } from './touch.ts';

type Options = { readonly home: string | undefined; readonly program: string };

/**
 * Codex's own server signs in, and replaces the old login only by the new one. `codex login --device-auth` must never
 * be run in its place: it ends the old login before it shows a code.
 */
export const codexSignIn = (options: Options): SignIn => ({
  account: 'ChatGPT account',
  hosts: ['auth.openai.com'],
  steps: { here: ['open'], device: ['open'] },
  run: context => signIn(context, options),
});

/** Variables that would send the user, or the new login, to another server. */
const OTHER_SERVERS = { CODEX_APP_SERVER_LOGIN_ISSUER: undefined, CODEX_APP_SERVER_LOGIN_CLIENT_ID: undefined };

/** Codex ends a code after 15 minutes, and does not say so when it shows it. */
const CODE_MS = 15 * 60_000;
/** If OpenAI does not answer, codex waits without a limit. */
const START_MS = 60_000;
const CANCEL_MS = 5_000;

async function signIn(context: SignInContext, options: Options): Promise<void> {
  const home = codexHome(context, options.home);
  const [program, store, folder] = await Promise.all([
    findProgram(options.program, context),
    storeOf(home, context),
    context.files.stat(home.folder),
  ]);
  if (!program) throw loginFailed(`There is no ${options.program} on this machine`, `Install codex. ${home.signIn}`);
  if (store === 'ephemeral') throw loginFailed(EPHEMERAL);
  if (!folder) throw loginFailed(`There is no folder ${home.folder}. Create it, and sign in again`);
  const ending = await converse(program, home, context);
  if (valueAt(ending, 'params.success') !== true) {
    context.signal.throwIfAborted();
    throw loginFailed(reasonOf(textAt(ending, 'params.error') ?? '', home));
  }
  if (store !== 'file') await noteSignIn(home, context);
}

/** Runs codex until the sign-in has ended, and returns its message about that. */
async function converse(program: string, home: CodexHome, context: SignInContext): Promise<JsonObject> {
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(loginFailed('Codex did not begin the sign-in within a minute')), START_MS);
  let cancel = () => stop.abort(context.signal.reason);
  const aborted = () => cancel();
  context.signal.addEventListener('abort', aborted, { once: true });
  let ending: JsonObject = {};
  try {
    await context.exec(program, ['app-server'], {
      env: { ...envOf(home), ...OTHER_SERVERS },
      timeoutMs: CODE_MS + START_MS,
      signal: stop.signal,
      async talk(dialogue) {
        await greet(dialogue);
        const { login, step } = await begin(dialogue, home, context);
        clearTimeout(limit);
        cancel = () => {
          dialogue.send(JSON.stringify({ id: CANCEL, method: 'account/login/cancel', params: { loginId: login } }));
          setTimeout(() => stop.abort(context.signal.reason), CANCEL_MS).unref();
        };
        if (context.signal.aborted) cancel();
        await context.show(step);
        ending = await endingOf(dialogue, login);
      },
    });
  } finally {
    clearTimeout(limit);
    context.signal.removeEventListener('abort', aborted);
  }
  return ending;
}

const [DEVICE, BROWSER, CANCEL] = [10, 11, 12];

type Begun = { readonly login: string; readonly step: OpenStep };

/** Begins with a code, or in the browser of this machine, or with a code if codex cannot do the latter. */
async function begin(dialogue: Dialogue, home: CodexHome, { device, now }: SignInContext): Promise<Begun> {
  if (!device) {
    const answer = await ask(dialogue, BROWSER, 'account/login/start', { type: 'chatgpt' });
    const begun = begunIn(answer, 'authUrl');
    if (begun) return begun;
  }
  const answer = await ask(dialogue, DEVICE, 'account/login/start', { type: 'chatgptDeviceCode' });
  const begun = begunIn(answer, 'verificationUrl');
  const userCode = answer && textAt(answer, 'result.userCode');
  if (!begun || userCode === undefined) throw loginFailed(reasonOf(textAt(answer ?? {}, 'error.message') ?? '', home));
  return { ...begun, step: { ...begun.step, userCode, expiresAt: new Date(now() + CODE_MS) } };
}

function begunIn(answer: JsonObject | undefined, address: string): Begun | undefined {
  const [login, url] = ['loginId', address].map(name => textAt(answer ?? {}, `result.${name}`));
  return login === undefined || url === undefined ? undefined : { login, step: { url } };
}

/** Codex says so only after it has stored the new login. */
async function endingOf({ lines }: Dialogue, login: string): Promise<JsonObject> {
  for await (const line of lines) {
    const message = parseObject(line);
    if (message?.['method'] === 'account/login/completed' && valueAt(message, 'params.loginId') === login)
      return message;
  }
  return {};
}
