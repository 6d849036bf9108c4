import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { ProviderContext, RefreshOutcome } from '../../sdk/plugin/provider.ts';
import { ask, troubleOf } from '../../sdk/recipes/http/ask.ts';
import { parseObject, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { lookAtLogin, type Login, type Place } from './login.ts';

const method = 'observe';
/** One refusal may be a slip of the vendor's; a second one, this much later, is not. */
const APART_MS = 60_000;

/** Asks the vendor whether the login is good. Never by way of auggie, which deletes its login at any refusal, a captive portal's too. */
export async function observe(place: Place, context: ProviderContext, wait: Wait): Promise<RefreshOutcome> {
  const login = await lookAtLogin(place, context, wait);
  if ('hint' in login) return { method, status: 'unavailable', hint: login.hint };
  const reply = await ask(context, new URL('get-models', login.tenant).href, {
    method: 'POST',
    body: '{}',
    json: true,
    headers: { authorization: `Bearer ${login.token}`, 'content-type': 'application/json', accept: 'application/json' },
  });
  if (reply.kind === 'rate-limited') return { method, status: 'rate-limited', retryAt: reply.retryAt };
  if (reply.kind !== 'answered') throw troubleOf(reply);
  const { status, json, leadsTo } = reply;
  if (status === 401 && json) return judgeRefusal(place, login, context);
  if (status !== 200 || !json) throw new KeepaliveError('KA_UNEXPECTED_ANSWER', { status, leadsTo });
  await context.files.journal.remove(noteKey(login));
  return { method, status: 'fresh' };
}

const noteKey = ({ store }: Login): string => `refused:${store}`;

/** The first refusal is written down, for the next attempt may be another process's. */
async function judgeRefusal(
  { loginHint }: Place,
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
      hint: loginHint,
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
