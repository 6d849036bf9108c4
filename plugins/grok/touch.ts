import { stripVTControlCharacters } from 'node:util';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { ExecResult } from '../../sdk/plugin/process.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { whyHeldBack } from '../../sdk/recipes/cli/held-back.ts';
import { reported } from '../../sdk/recipes/cli/reported.ts';
import { touch, type Unchanged } from '../../sdk/recipes/cli/touch.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { intercepted, interceptionOf } from '../../sdk/recipes/http/intercepted.ts';
import type { TouchRun } from '../../sdk/recipes/session/session.ts';
import { isEverProven, type Release } from '../../sdk/vendors/releases.ts';
import type { Login } from './login.ts';

/**
 * Grok 1.0.41 renews when it looks for sessions that are kept by xAI, and ends only after the new login is stored.
 * `grok models` does not wait: after 5 seconds it ends without the answer, and the new refresh token is lost.
 */
const KIND = 'sessions list';

/**
 * Grok waits up to 25 seconds for the lock of another grok, then makes 3 requests of 15 seconds at most. SIGTERM ends
 * it at once, in the middle of a request too.
 */
const PATIENCE_MS = 110_000;
const VENDOR_SECONDS = 300;

/** Makes grok renew its own login, under its own lock: no prompt, no tokens used. */
export async function touchGrok(
  login: Login,
  context: ProviderContext,
  { program, read, wait, lock, observe, releases }: TouchRun & { readonly releases: readonly Release[] },
): Promise<RefreshOutcome> {
  const { home, issuer, store } = login;
  const env = { ...home.env, ...QUIET };
  const held = await whyHeldBack({ vendor: 'grok', kind: KIND, program, env }, context, releases);
  if (held !== undefined) return observe(held);
  const options = {
    program,
    read,
    wait,
    lock,
    args: KIND.split(' '),
    env: { ...env, GROK_AUTH_EARLY_INVALIDATION_SECS: String(secondsBefore(login, context.now())) },
    timeoutMs: PATIENCE_MS,
    loginHint: login.signIn,
    unchanged: explain,
    ...(isEverProven('grok', KIND, releases) && { mayBeSilent: { store } }),
    ...(isSafeEndpoint(issuer) && { endpoint: issuer }),
  };
  return touch(context, options, login);
}

/** Grok says why it did not renew, and does not update itself meanwhile. */
const QUIET = { RUST_LOG: 'warn', GROK_DISABLE_AUTOUPDATER: '1' };

/** So that the login is due for grok now, even if it would wait for the last 5 minutes. */
const secondsBefore = ({ expiresAt }: Login, now: number): number =>
  Math.max(VENDOR_SECONDS, Math.ceil(((expiresAt?.getTime() ?? now) - now) / 1_000) + 60);

const REFUSAL = /token refresh HTTP error http_status=(\d{3}) oauth2_error=(?:Some\("(\w+)"\))?/g;
const BODY = /OIDC token refresh failed: HTTP \d{3} — ([^\n]{0,200})/;
/** Grok got a status of 2xx, but no tokens. */
const NO_JSON = /token refresh failed error=error decoding response body/;

/** Why the login did not change. If xAI itself had ended it, grok would have removed it. */
export function explain({ stderr }: ExecResult): Unchanged {
  const text = stripVTControlCharacters(stderr);
  const [, code, error] = [...text.matchAll(REFUSAL)].at(-1) ?? [];
  const status = Number(code);
  const body = BODY.exec(text)?.[1] ?? '';
  const interception = interceptionOf({ status, text: body }, body === '');
  if (interception !== undefined) throw intercepted({ program: 'grok', status, reason: interception });
  if (NO_JSON.test(text))
    throw intercepted({ program: 'grok', reason: 'the answer was not JSON, as from a captive portal' });
  if (error === 'invalid_client') return 'The vendor no longer accepts this release of grok. Update it.';
  return reported('grok', status);
}
