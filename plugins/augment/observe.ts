import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { ask, errorOf } from '../../sdk/recipes/http/ask.ts';
import { parseObject, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { readLogin, type AuggieHome, type Login } from './login.ts';

const method = 'observe';
/** One refusal may be a mistake of the vendor. A second one, this much later, is not. */
const APART_MS = 60_000;

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
  await context.files.journal.remove(noteKey(login));
  return { method, status: 'fresh' };
}

const noteKey = ({ store }: Login): string => `refused:${store}`;

/** The first refusal is stored, because another process may make the next attempt. */
async function judgeRefusal(
  { signIn }: AuggieHome,
  login: Login,
  { files, now }: ProviderContext,
): Promise<RefreshOutcome> {
  const { fingerprint } = login;
  const note = parseObject((await files.journal.read(noteKey(login))) ?? '');
  const first = note?.['fingerprint'] === fingerprint && typeof note['at'] === 'number' ? note['at'] : undefined;
  const apart = first === undefined ? 0 : now() - first;
  if (apart >= APART_MS) {
    return {
      method,
      status: 'login-required',
      hint: signIn,
      proof: `Augment answered 401 twice, ${Math.floor(apart / 1_000)} s apart.`,
    };
  }
  if (first === undefined) await files.journal.write(noteKey(login), JSON.stringify({ fingerprint, at: now() }));
  const until = new Date((first ?? now()) + APART_MS);
  return {
    method,
    status: 'deferred',
    until,
    reason: 'Augment refused the token once. It is believed if it does so again.',
  };
}
