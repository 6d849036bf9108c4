import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { ask, errorOf } from '../../sdk/recipes/http/ask.ts';
import { forgetRefusal, noteRefusal, unconfirmed } from '../../sdk/recipes/store/refusal.ts';
import type { Wait } from '../../sdk/recipes/store/json-store.ts';
import { readLogin, type AuggieHome, type Login } from './login.ts';

const method = 'observe';

/** Asks the vendor about the login. auggie itself would delete its login after any 401, even of a captive portal. */
export async function observe(home: AuggieHome, context: ProviderContext, wait: Wait): Promise<RefreshOutcome> {
  const login = await readLogin(home, context, wait);
  if ('hint' in login) return { method, status: 'unavailable', hint: login.hint };
  const reply = await ask(context, new URL('get-models', login.tenant).href, {
    method: 'POST',
    body: '{}',
    json: true,
    headers: { authorization: `Bearer ${login.token}`, 'content-type': 'application/json', accept: 'application/json' },
  });
  if (reply.kind === 'rate-limited') return { method, status: 'rate-limited', retryAt: reply.retryAt };
  if (reply.kind !== 'answered') throw errorOf(reply);
  const { status, json, leadsTo } = reply;
  if (status === 401 && json) return judgeRefusal(home, login, context);
  if (status !== 200 || !json) throw new KeepaliveError('KA_UNEXPECTED_ANSWER', { status, leadsTo });
  await forgetRefusal(context, login);
  return { method, status: 'fresh' };
}

/** Two refusals prove that the login is over. */
async function judgeRefusal({ signIn }: AuggieHome, login: Login, context: ProviderContext): Promise<RefreshOutcome> {
  const refusal = await noteRefusal(context, login);
  if ('until' in refusal) {
    const reason = unconfirmed('Augment refused the token once.');
    return { method, status: 'deferred', until: refusal.until, reason };
  }
  const proof = `Augment answered 401 twice, ${Math.floor(refusal.apartMs / 1_000)} s apart.`;
  return { method, status: 'login-required', hint: signIn, proof };
}
