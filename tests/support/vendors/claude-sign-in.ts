import { createHash, randomUUID } from 'node:crypto';

const CLIENT = '9d1c250a-e61b-44d9-88ed-5944d1962f5e';
const REDIRECT = 'https://platform.claude.com/oauth/code/callback';
const CHALLENGE = /^[\w-]{43}$/;

type Request = { readonly challenge: string; readonly state: string | undefined };

/** The authorization codes of the vendor. Each works once, for the claude that asked for it. */
export function claudeAuthorizations() {
  const pending = new Map<string, Request>();

  return {
    /** Signs in at the address that claude printed, and returns what the page then tells a person to paste. */
    authorize(address: string): string {
      const { challenge, state } = readAddress(new URL(address));
      if (!CHALLENGE.test(challenge)) throw new Error(`There is no challenge in ${address}`);
      const code = `code-${randomUUID()}`;
      pending.set(code, { challenge, state });
      return `${code}#${state ?? randomUUID()}`;
    },
    /** Whether the body of a token request redeems a code that is still good. */
    redeems({ code, client_id, redirect_uri, code_verifier, state }: Readonly<Record<string, string>>): boolean {
      const request = pending.get(code ?? '');
      pending.delete(code ?? '');
      return (
        request !== undefined &&
        client_id === CLIENT &&
        redirect_uri === REDIRECT &&
        (request.state === undefined || state === request.state) &&
        createHash('sha256')
          .update(code_verifier ?? '')
          .digest('base64url') === request.challenge
      );
    },
  };
}

/** claude prints a short form, in which letters stand for the client and the scopes. It has no state. */
function readAddress(address: URL): Request {
  const short = /^\?[\w-]{1,2}([\w-]{43})(?:&|$)/.exec(address.search)?.[1];
  if (short !== undefined) return { challenge: short, state: undefined };
  const { client_id, redirect_uri, response_type, code_challenge_method, code_challenge, state } = Object.fromEntries(
    address.searchParams,
  );
  const isOurs = client_id === CLIENT && redirect_uri === REDIRECT && response_type === 'code';
  if (!isOurs || code_challenge_method !== 'S256' || !state) throw new Error(`No sign-in starts at ${address}`);
  return { challenge: code_challenge ?? '', state };
}
