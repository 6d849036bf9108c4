import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { claudeLogin } from './claude-login.ts';
import { claudeAuthorizations } from './claude-sign-in.ts';
import { listen } from '../daemon/listen.ts';
import { tokenFamilies, type Tokens } from './token-families.ts';

/** The account that signs in, as the vendor knows it. */
type Person = { readonly uuid: string; readonly email: string; readonly plan: 'pro' | 'max' };

export type ClaudeServer = Awaited<ReturnType<typeof claudeServer>>;

type Decision = { readonly status: number; readonly body: object | string };

const LIFE_MS = 8 * 3_600_000;
const MONTH_S = 28 * 86_400;

/**
 * The parts of the vendor's API that claude needs, on loopback. A reused refresh token ends the login. `refuse` is the
 * status of every exchange.
 */
export async function claudeServer({
  latencyMs = 0,
  refuse: refuseAtFirst,
}: { readonly latencyMs?: number; readonly refuse?: number } = {}) {
  let refuse = refuseAtFirst;
  const families = tokenFamilies('revoke', () => `access-${randomUUID()}`);
  const asked: string[] = [];

  const authorizations = claudeAuthorizations();
  const signedIn: string[] = [];
  let person: Person = { uuid: 'u', email: 'you@example.test', plan: 'pro' };

  function exchange(body: Readonly<Record<string, string>>): Decision {
    if (refuse !== undefined) return { status: refuse, body: { error: { type: 'error', message: 'not now' } } };
    return body['grant_type'] === 'authorization_code' ? redeem(body) : renew(body['refresh_token'] ?? '');
  }

  function redeem(body: Readonly<Record<string, string>>): Decision {
    if (!authorizations.redeems(body))
      return { status: 400, body: { error: 'invalid_grant', error_description: "Invalid 'code' in request." } };
    const tokens = families.signIn({ age: 0, left: LIFE_MS });
    signedIn.push(tokens.account);
    return granted(tokens, person);
  }

  function renew(token: string): Decision {
    const { tokens } = families.exchange(token, LIFE_MS);
    return tokens
      ? granted(tokens, person)
      : { status: 400, body: { error: 'invalid_grant', error_description: 'Refresh token not found or invalid' } };
  }

  function answer({ method, url = '', headers }: IncomingMessage, text: string): Decision {
    asked.push(`${method} ${url.split('?')[0]}`);
    if (url === '/v1/oauth/token') return method === 'POST' ? exchange(JSON.parse(text)) : { status: 405, body: {} };
    if (!families.accepts(headers.authorization))
      return { status: 401, body: { error: { type: 'authentication_error', message: 'OAuth token has expired.' } } };
    if (url === '/api/oauth/profile') return { status: 200, body: profileOf(person) };
    if (url === '/api/oauth/claude_cli/roles') return { status: 200, body: ROLES };
    return url.startsWith('/v1/messages')
      ? { status: 200, body: GREETING }
      : { status: 404, body: { error: { type: 'not_found_error', message: 'There is no such page.' } } };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    // Decided on arrival and answered later, so that concurrent requests collide.
    const { status, body } = answer(request, text);
    await sleep(latencyMs);
    const [type, written] =
      typeof body === 'string' ? ['text/event-stream', body] : ['application/json', JSON.stringify(body)];
    response.writeHead(status, { 'content-type': type }).end(written);
  }

  return {
    ...families,
    authorize: authorizations.authorize,
    /** The accounts that signed in with a code. */
    signedIn: signedIn as readonly string[],
    handle,
    url: await listen(createServer(handle)),
    /** The status with which every exchange is refused from now on. */
    refuse: (status: number | undefined) => void (refuse = status),
    /** Who signs in from now on. */
    person: (changes: Partial<Person>) => void (person = { ...person, ...changes }),
    /** Every request, as method and path. */
    asked: asked as readonly string[],
    /** Signs in an account and returns the text of its `.credentials.json`. */
    signIn(left: number) {
      const { account, access, refresh, expiresAt } = families.signIn({ age: LIFE_MS, left });
      return {
        account,
        text: claudeLogin(
          { access, refresh, expiresAt, loginExpiresAt: Date.now() + 20 * 86_400_000 },
          { accountUuid: person.uuid, organizationUuid: 'o' },
          { mcpOAuth: { kept: true } },
        ),
      };
    },
    isAlive: (account: string, text: string) => families.isAlive(account, JSON.parse(text).claudeAiOauth.refreshToken),
  };
}

const granted = ({ access, refresh }: Tokens, { uuid, email }: Person): Decision => ({
  status: 200,
  body: {
    token_type: 'Bearer',
    access_token: access,
    refresh_token: refresh,
    expires_in: LIFE_MS / 1_000,
    refresh_token_expires_in: MONTH_S,
    scope: 'user:inference user:profile',
    organization: { uuid: 'o', name: 'Org' },
    account: { uuid, email_address: email },
  },
});

const ROLES = { organization_role: 'admin', workspace_role: null, organization_name: 'Org' };

const profileOf = ({ uuid, email, plan }: Person) => ({
  account: {
    uuid,
    email,
    full_name: 'You',
    display_name: 'You',
    has_claude_max: plan === 'max',
    has_claude_pro: plan === 'pro',
  },
  organization: {
    uuid: 'o',
    name: 'Org',
    organization_type: `claude_${plan}`,
    rate_limit_tier: 'default_claude_ai',
    billing_type: 'stripe_subscription',
  },
});

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};

/** The answer to a prompt, as the API streams it. */
export const GREETING = [
  { type: 'message_start', message: MESSAGE },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello from the server' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
  { type: 'message_stop' },
]
  .map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');
