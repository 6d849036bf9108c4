import { defineOAuthSession } from '../../../sdk/recipes/oauth/define-oauth-session.ts';
import type { OAuthSessionOptions } from '../../../sdk/recipes/oauth/define-oauth-session.ts';
import type { CodeStep, OpenStep, SignInContext } from '../../../sdk/plugin/sign-in.ts';
import { realContext } from '../real-context.ts';
import { tokenFile } from './token-file.ts';

type Given = Partial<OAuthSessionOptions> & Pick<OAuthSessionOptions, 'deviceEndpoint'>;

/** A token file whose user signs in with a code. */
export async function deviceScene(given: Given, replaced: Partial<SignInContext> = {}) {
  const { folder, source, write } = await tokenFile();
  const shown: OpenStep[] = [];
  const abort = new AbortController();
  const session = defineOAuthSession({ id: 'acme', ...source, ...given });
  const context = realContext(folder, { fetch: quickly(replaced.fetch ?? fetch), signal: abort.signal });
  const talk = {
    device: true,
    show: async (step: OpenStep) => void shown.push(step),
    ask: async (_step: CodeStep) => '',
  };
  const run = async () => session.signIn?.run({ ...context, ...talk, ...replaced, fetch: context.fetch });
  return { folder, file: context.files.resolve(given.file ?? source.file), write, shown, abort, session, context, run };
}

/** Polls of tests must not wait for seconds. */
const quickly =
  (fetch: SignInContext['fetch']): SignInContext['fetch'] =>
  async (...request) => {
    const response = await fetch(...request);
    const text = await response.text();
    const body = text.includes('"device_code"') ? JSON.stringify({ ...JSON.parse(text), interval: 0.1 }) : text;
    return new Response(body, { status: response.status, headers: { 'content-type': 'application/json' } });
  };
