import { loginFailed } from '../../contract/errors.ts';
import type { SignIn, SignInContext } from '../../plugin/sign-in.ts';
import { realWait, textAt, type Wait } from '../store/json-store.ts';
import { classify } from './classify.ts';
import { awaitApproval, requestCode, stepOf } from './device-code.ts';
import { refusalOf } from './refusal.ts';
import { readCredential } from './read-credential.ts';
import { createClient } from './request.ts';
import type { StoreRun } from './settle.ts';
import { proveWritable, storeLogin } from './store-login.ts';
import type { TokenFile } from './token-file.ts';

/** Where a server offers sign-ins by RFC 8628: the user enters a code on its page, on any device. */
type DeviceEndpoint = {
  /** The device authorization endpoint: `https://`, or `http://` on a loopback host. */
  readonly deviceEndpoint: string;
  /** The host of the page where the user enters the code. [that of the endpoint] */
  readonly verificationHost?: string | undefined;
};

/** A sign-in that asks the user to enter a code on the server's page, and stores the new login in the file. */
export function deviceSignIn(source: TokenFile, endpoint: DeviceEndpoint, account: string): SignIn {
  const { deviceEndpoint, verificationHost } = endpoint;
  return {
    account,
    hosts: [verificationHost ?? new URL(deviceEndpoint).host],
    steps: { here: ['open'], device: ['open'] },
    run: context => signIn(source, deviceEndpoint, context),
  };
}

async function signIn(
  source: TokenFile,
  deviceEndpoint: string,
  context: SignInContext,
  wait: Wait = realWait,
): Promise<void> {
  const { signal, fetch, now } = context;
  if (source.clientSecret) context.conceal(source.clientSecret);
  const run: StoreRun = { source, context, wait };
  const before = await readCredential(source, context, wait);
  await proveWritable(run, before);
  let sentAt = now();
  const timed: typeof fetch = (...request) => {
    sentAt = now();
    return fetch(...request);
  };
  const client = await createClient(source, { fetch: timed, sent: '', deviceEndpoint, signal });
  const code = await requestCode({ source, context, client });
  await context.show(stepOf(code, Math.min(sentAt, now())));
  const answer = await awaitApproval({ source, context, client }, code);
  signal.throwIfAborted();
  const at = new Date(Math.min(sentAt, now()));
  const verdict = await classify(answer, source, { now: now(), sent: '' });
  if (verdict.kind !== 'renewed') throw refusalOf(answer, verdict);
  if (textAt(verdict.reply, 'refresh_token') === undefined) throw loginFailed(NO_REFRESH_TOKEN);
  await storeLogin(run, { before, answered: { at, answer, isLost: false }, reply: verdict.reply });
}

const NO_REFRESH_TOKEN =
  'The server sent no refresh token, so the login could not be kept alive. Most servers need another scope for that, ' +
  'such as offline_access';
