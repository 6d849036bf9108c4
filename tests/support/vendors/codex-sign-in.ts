import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { idToken } from './codex-login.ts';
import type { Tokens } from './token-families.ts';

export type Reply = { readonly status: number; readonly body: object };
type SignIn = { readonly userCode: string; readonly verifier: string; decision: 'none' | 'approved' | 'denied' };

/** The page on which a person enters the code, as codex names it. */
export const CODE_PAGE = 'https://auth.openai.com/codex/device';
/** The e-mail address of every account that has signed in with a code. */
export const SIGNED_IN_EMAIL = 'signed-in@example.test';

const RETURN_ADDRESS = 'https://auth.openai.com/deviceauth/callback';
const WAITING: Reply = { status: 403, body: { error: { code: 'deviceauth_authorization_unknown' } } };
const REFUSED: Reply = { status: 400, body: { error: { code: 'invalid_grant', message: 'The code is not valid.' } } };

/** The vendor's part of a sign-in with a code that a person enters on a web page. `issue` makes the new login. */
export function codexSignIns(issue: () => Tokens) {
  const signIns = new Map<string, SignIn>();
  /** Approved sign-ins by the code that is exchanged for tokens. It works once. */
  const granted = new Map<string, SignIn>();
  const polls: string[] = [];

  function begin(): Reply {
    const [device, text] = [randomUUID(), randomBytes(5).toString('hex').toUpperCase()];
    const userCode = `${text.slice(0, 4)}-${text.slice(4, 9)}`;
    signIns.set(device, { userCode, verifier: randomBytes(32).toString('base64url'), decision: 'none' });
    // codex accepts the seconds between two polls only as text, and polls without a pause if they are missing.
    return { status: 200, body: { device_auth_id: device, user_code: userCode, interval: '1' } };
  }

  function poll({ device_auth_id: device, user_code: userCode }: Readonly<Record<string, string>>): Reply {
    const signIn = signIns.get(device ?? '');
    if (!signIn || signIn.userCode !== userCode) return REFUSED;
    polls.push(userCode);
    if (signIn.decision === 'none') return WAITING;
    // codex takes 403 and 404 for "not yet", with any body, and every other status for the end.
    if (signIn.decision === 'denied') return { status: 400, body: { error: { code: 'access_denied' } } };
    const code = `code-${randomUUID()}`;
    granted.set(code, signIn);
    const challenge = createHash('sha256').update(signIn.verifier).digest('base64url');
    // The vendor, and not codex, makes the verifier and its challenge.
    return {
      status: 200,
      body: { authorization_code: code, code_verifier: signIn.verifier, code_challenge: challenge },
    };
  }

  function exchange(form: URLSearchParams): Reply {
    const code = form.get('code') ?? '';
    const signIn = granted.get(code);
    granted.delete(code);
    const isRight = form.get('code_verifier') === signIn?.verifier && form.get('redirect_uri') === RETURN_ADDRESS;
    if (!isRight || form.get('grant_type') !== 'authorization_code') return REFUSED;
    const { access, refresh, account } = issue();
    return {
      status: 200,
      body: { access_token: access, refresh_token: refresh, id_token: idToken(account, SIGNED_IN_EMAIL) },
    };
  }

  const decide = (code: string, decision: SignIn['decision']) => {
    for (const signIn of signIns.values()) if (signIn.userCode === code) signIn.decision = decision;
  };

  return {
    /** The answer to a request that belongs to a sign-in; undefined for every other request. */
    answer(url: string | undefined, body: string): Reply | undefined {
      if (url === '/api/accounts/deviceauth/usercode') return begin();
      if (url === '/api/accounts/deviceauth/token') return poll(JSON.parse(body));
      if (url === '/oauth/token' && !body.startsWith('{')) return exchange(new URLSearchParams(body));
      return undefined;
    },
    /** What a person does with the code that codex shows. */
    approve: (userCode: string) => decide(userCode, 'approved'),
    deny: (userCode: string) => decide(userCode, 'denied'),
    /** How often codex has asked whether the person has approved this code. */
    pollsOf: (userCode: string) => polls.filter(code => code === userCode).length,
  };
}
