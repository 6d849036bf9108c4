import { stripVTControlCharacters } from 'node:util';
import { offline } from '../../sdk/errors.ts';
import type { Dialogue, ExecResult } from '../../sdk/process.ts';
import type { RefreshOutcome } from '../../sdk/provider.ts';
import type { Touch } from '../../sdk/recipes/cli.ts';
import { isSafeEndpoint } from '../../sdk/recipes/endpoint.ts';
import { parseObject, valueAt, type JsonObject } from '../../sdk/recipes/json-store.ts';
import type { Login, Place } from './login.ts';

/** These would make codex use another credential than the one in its file. */
const OTHER_CREDENTIALS = { OPENAI_API_KEY: undefined, CODEX_API_KEY: undefined, CODEX_ACCESS_TOKEN: undefined };

/**
 * Asks codex's own server for the account with a token renewed just now: no prompt, no thread, no tokens used. Near the end codex renews
 * by itself as it starts; `isRenewed` tells whether it did, so that it is not made to do it twice.
 */
export function appServerTouch(
  program: string, { home, loginHint, endpoint }: Place, { path }: Login, atTheEnd: boolean, isRenewed: () => Promise<boolean>,
): Omit<Touch, 'read'> {
  let answer: JsonObject | undefined;
  return {
    program,
    args: ['app-server'],
    env: { ...OTHER_CREDENTIALS, CODEX_HOME: home },
    loginHint,
    lock: `${path}.keepalive`,
    ...(isSafeEndpoint(endpoint) && { endpoint }),
    async talk(dialogue) {
      await ask(dialogue, 1, 'initialize', { clientInfo: { name: 'session-keepalive', title: null, version: '0' }, capabilities: null });
      dialogue.send(JSON.stringify({ method: 'initialized', params: {} }));
      if (atTheEnd) answer = await ask(dialogue, 2, 'account/read', { refreshToken: false });
      if (!atTheEnd || !(await isRenewed())) answer = await ask(dialogue, 3, 'account/read', { refreshToken: true });
    },
    unchanged: result => explain(result, answer, loginHint),
  };
}

async function ask({ lines, send }: Dialogue, id: number, method: string, params: object): Promise<JsonObject | undefined> {
  send(JSON.stringify({ id, method, params }));
  for await (const line of lines) {
    const message = parseObject(line);
    if (message?.['id'] === id) return message;
  }
  return undefined;
}

/** An account of null alone is no proof: it needs the refusal that codex logs beside it. */
function explain({ stderr }: ExecResult, answer: JsonObject | undefined, hint: string): RefreshOutcome | undefined {
  const status = Number([...stripVTControlCharacters(stderr).matchAll(/Failed to refresh token status=(\d{3})/g)].at(-1)?.[1]);
  if (status >= 500) throw offline({ status });
  if (status === 429) return { status: 'rate-limited' };
  const isRefused = (status === 400 || status === 401) && answer !== undefined && valueAt(answer, 'result.account') === null;
  return isRefused ? { status: 'login-required', hint, proof: `The vendor refused codex's own renewal for good: ${status}.` } : undefined;
}
