import { stripVTControlCharacters } from 'node:util';
import { offline } from '../../sdk/contract/errors.ts';
import type { Dialogue, ExecResult } from '../../sdk/plugin/process.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { touch, type TouchOptions, type Unchanged } from '../../sdk/recipes/cli/touch.ts';
import type { TouchRun } from '../../sdk/recipes/session/session.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { intercepted, interceptionOf } from '../../sdk/recipes/http/intercepted.ts';
import { parseObject, valueAt, type JsonObject } from '../../sdk/recipes/store/json-store.ts';
import { whyHeldBack } from '../../sdk/recipes/cli/held-back.ts';
import type { Release } from '../../sdk/vendors/releases.ts';
import { noteRefusal, unconfirmed, type Refused } from '../../sdk/recipes/store/refusal.ts';
import { namesEnd } from '../../sdk/recipes/oauth/classify.ts';
import { reported } from '../../sdk/recipes/cli/reported.ts';
import { PERMANENT_CODES, type CodexHome } from './home.ts';
import type { Login } from './login.ts';
import { isVendorsTurn } from './timing.ts';

/** With these, codex would use another credential than the one in its store. */
const OTHER_CREDENTIALS = { OPENAI_API_KEY: undefined, CODEX_API_KEY: undefined, CODEX_ACCESS_TOKEN: undefined };

/** Makes codex use the login of this home. */
export const envOf = ({ folder }: CodexHome) => ({ ...OTHER_CREDENTIALS, CODEX_HOME: folder });

/** Asks codex's own server for the account with a renewed token: no prompt, no thread, no tokens used. */
export async function touchCodex(
  login: Login,
  context: ProviderContext,
  { program, read, wait, observe, releases }: TouchRun & { readonly releases: readonly Release[] },
): Promise<RefreshOutcome> {
  const { store, signIn, fingerprint, home } = login;
  const { endpoint } = home;
  const env = envOf(home);
  const held = await whyHeldBack({ vendor: 'codex', kind: 'app-server', program, env }, context, releases);
  if (held !== undefined) return observe(held);
  // Near the end codex renews the token as it starts, and must not renew it twice.
  const isAtTheEnd = isVendorsTurn(login, context.now());
  const isRenewed = async () => (await read())?.fingerprint !== fingerprint;
  let answer: JsonObject | undefined;
  const options: TouchOptions = {
    program,
    read,
    wait,
    args: ['app-server'],
    env,
    loginHint: signIn,
    lock: `${store}.keepalive`,
    mayBeSilent: { store },
    ...(isSafeEndpoint(endpoint) && { endpoint }),
    async talk(dialogue) {
      await greet(dialogue);
      if (isAtTheEnd) answer = await readAccount(dialogue, false);
      if (!isAtTheEnd || !(await isRenewed())) answer = await readAccount(dialogue, true);
    },
    unchanged: async result => believed(await explain(result, answer, home, context.fetch), result, login, context),
  };
  return touch(context, options, login);
}

export async function greet(dialogue: Dialogue): Promise<void> {
  const clientInfo = { name: 'session-keepalive', title: null, version: '0' };
  await ask(dialogue, 1, 'initialize', { clientInfo, capabilities: null });
  dialogue.send(JSON.stringify({ method: 'initialized', params: {} }));
}

export const readAccount = (dialogue: Dialogue, refreshToken: boolean) =>
  ask(dialogue, refreshToken ? 3 : 2, 'account/read', { refreshToken });

/** Sends a request, and resolves with its answer; undefined if codex ended before. */
export async function ask(
  { lines, send }: Dialogue,
  id: number,
  method: string,
  params: object,
): Promise<JsonObject | undefined> {
  send(JSON.stringify({ id, method, params }));
  for await (const line of lines) {
    const message = parseObject(line);
    if (message?.['id'] === id) return message;
  }
  return undefined;
}

/** What codex logs if its renewal is refused. Some releases add the beginning of the body. */
const REFUSAL = /Failed to refresh token(?: status=|: )(\d{3})(?:[^\n]{0,200}?(?:body=|: )([^\n]{0,1000}))?/g;

const refusalIn = ({ stderr }: ExecResult) => [...stripVTControlCharacters(stderr).matchAll(REFUSAL)].at(-1) ?? [];

/**
 * Codex takes every 401 for a refusal, also the page of a portal, and newer releases do not show who sent it. Unless
 * the vendor says that the login is over, a refusal is believed if there is another one later.
 */
export async function believed(
  outcome: Unchanged,
  result: ExecResult,
  refused: Refused,
  context: ProviderContext,
): Promise<Unchanged> {
  if (typeof outcome !== 'object' || outcome.status !== 'login-required') return outcome;
  const [, code, body = ''] = refusalIn(result);
  if (namesEnd(body, Number(code), { permanentCodes: PERMANENT_CODES })) return outcome;
  const refusal = await noteRefusal(context, refused);
  if (!('until' in refusal)) return outcome;
  const reason = unconfirmed(`The renewal was refused with ${code}.`);
  return { status: 'deferred', until: refusal.until, reason };
}

/** A missing account alone is no proof. Codex must also log a refusal, and the refusal must be the vendor's own. */
export async function explain(
  result: ExecResult,
  answer: JsonObject | undefined,
  home: CodexHome,
  fetch: ProviderContext['fetch'],
): Promise<Unchanged> {
  const [, code, body = ''] = refusalIn(result);
  const status = Number(code);
  const interception = interceptionOf({ status, text: body }, body === '');
  if (interception !== undefined) throw intercepted({ program: 'codex', status, reason: interception });
  const isRefused =
    (status === 400 || status === 401) && answer !== undefined && valueAt(answer, 'result.account') === null;
  if (!isRefused) return reported('codex', status);
  const others = isSafeEndpoint(home.endpoint) ? await proxyRefusal(home.endpoint, fetch) : undefined;
  if (others !== undefined) throw intercepted({ status: others, reason: REFUSES_ALL });
  const proof = `The vendor refused codex's own renewal for good: ${status}.`;
  return { status: 'login-required', hint: home.signIn, proof };
}

const REFUSES_ALL = 'it refuses every request, even one without a login';

/** The status, if a proxy refuses. A proxy refuses even a request without a login; the vendor doesn't. */
async function proxyRefusal(endpoint: string, fetch: ProviderContext['fetch']): Promise<number | undefined> {
  const { status } = await fetch(endpoint, { method: 'HEAD', redirect: 'manual' }).catch((error: unknown) => {
    throw offline({ host: new URL(endpoint).host }, error);
  });
  return status === 401 || status === 407 || status === 511 ? status : undefined;
}
