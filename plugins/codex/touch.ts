import { stripVTControlCharacters } from 'node:util';
import { offline } from '../../sdk/contract/errors.ts';
import type { Dialogue, ExecResult } from '../../sdk/plugin/process.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import type { TouchOptions, Unchanged } from '../../sdk/recipes/cli/touch.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { intercepted, interceptionOf } from '../../sdk/recipes/http/intercepted.ts';
import { parseObject, valueAt, type JsonObject } from '../../sdk/recipes/store/json-store.ts';
import { reported } from '../../sdk/recipes/cli/reported.ts';
import type { Login, Place } from './login.ts';

/** These would make codex use another credential than the one in its file. */
export const OTHER_CREDENTIALS = { OPENAI_API_KEY: undefined, CODEX_API_KEY: undefined, CODEX_ACCESS_TOKEN: undefined };

/** What asking codex takes. */
export type Question = {
  readonly program: string;
  readonly place: Place;
  /** Near the end codex renews by itself as it starts. */
  readonly atTheEnd: boolean;
  /** Whether it did, so that it does not renew twice. */
  readonly isRenewed: () => Promise<boolean>;
};

/** Asks codex's own server for the account with a token renewed just now: no prompt, no thread, no tokens used. */
export function appServerTouch(
  { program, place, atTheEnd, isRenewed }: Question,
  { path }: Login,
  { fetch }: ProviderContext,
): Omit<TouchOptions, 'read'> {
  const { home, loginHint, endpoint } = place;
  let answer: JsonObject | undefined;
  return {
    program,
    args: ['app-server'],
    env: { ...OTHER_CREDENTIALS, CODEX_HOME: home },
    loginHint,
    lock: `${path}.keepalive`,
    mayBeSilent: { store: path },
    ...(isSafeEndpoint(endpoint) && { endpoint }),
    async talk(dialogue) {
      await greet(dialogue);
      if (atTheEnd) answer = await readAccount(dialogue, false);
      if (!atTheEnd || !(await isRenewed())) answer = await readAccount(dialogue, true);
    },
    unchanged: result => explain(result, answer, place, fetch),
  };
}

export async function greet(dialogue: Dialogue): Promise<void> {
  const clientInfo = { name: 'session-keepalive', title: null, version: '0' };
  await ask(dialogue, 1, 'initialize', { clientInfo, capabilities: null });
  dialogue.send(JSON.stringify({ method: 'initialized', params: {} }));
}

export const readAccount = (dialogue: Dialogue, refreshToken: boolean) =>
  ask(dialogue, refreshToken ? 3 : 2, 'account/read', { refreshToken });

async function ask(
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

/** What codex logs of a refused renewal; some releases show how the body began. */
const REFUSAL = /Failed to refresh token status=(\d{3})(?:[^\n]{0,200}?body=([^\n]{0,200}))?/g;

/** A null account alone is no proof: codex must also log a refusal, and the refusal must be the vendor's own. */
export async function explain(
  { stderr }: ExecResult,
  answer: JsonObject | undefined,
  place: Place,
  fetch: ProviderContext['fetch'],
): Promise<Unchanged> {
  const [, code, body = ''] = [...stripVTControlCharacters(stderr).matchAll(REFUSAL)].at(-1) ?? [];
  const status = Number(code);
  const interception = interceptionOf({ status, text: body }, body === '');
  if (interception !== undefined) throw intercepted({ program: 'codex', status, reason: interception });
  const isRefused =
    (status === 400 || status === 401) && answer !== undefined && valueAt(answer, 'result.account') === null;
  if (!isRefused) return reported('codex', status);
  const others = isSafeEndpoint(place.endpoint) ? await proxyRefusal(place.endpoint, fetch) : undefined;
  if (others !== undefined) throw intercepted({ status: others, reason: REFUSES_ALL });
  const proof = `The vendor refused codex's own renewal for good: ${status}.`;
  return { status: 'login-required', hint: place.loginHint, proof };
}

const REFUSES_ALL = 'it refuses every request, even one without a login';

/** The status of a proxy's refusal. A proxy refuses even a request without a login; the vendor does not. */
async function proxyRefusal(endpoint: string, fetch: ProviderContext['fetch']): Promise<number | undefined> {
  const { status } = await fetch(endpoint, { method: 'HEAD', redirect: 'manual' }).catch((error: unknown) => {
    throw offline({ host: new URL(endpoint).host }, error);
  });
  return status === 401 || status === 407 || status === 511 ? status : undefined;
}
