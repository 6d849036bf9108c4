import { timeLimit } from '../../base/time-limit.ts';
import { loginFailed, offline } from '../../contract/errors.ts';
import type { OpenStep } from '../../plugin/sign-in.ts';
import { classify } from './classify.ts';
import { refusalOf } from './refusal.ts';
import { readContent, type TokenResponse } from './reply.ts';
import { textAt, type JsonObject } from '../store/json-store.ts';
import { scopeOf, type Client, type Exchange } from './request.ts';
import type { StoreContext, TokenFile } from './token-file.ts';

type DeviceCode = {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete?: string;
  readonly expires_in: number;
  readonly interval: number;
};

/** Nothing but what a person can type: it is shown as it is. */
const USER_CODE = /^[\x21-\x7e](?:[\x20-\x7e]{0,38}[\x21-\x7e])?$/;
const LONGEST_URL = 2_048;

/** Reads the answer of the device authorization endpoint. Some servers write `verification_url`, or numbers as text. */
function codeIn(reply: JsonObject): DeviceCode | undefined {
  const code = textAt(reply, 'device_code');
  const userCode = textAt(reply, 'user_code') ?? '';
  const page = textAt(reply, 'verification_uri') ?? textAt(reply, 'verification_url');
  const complete = textAt(reply, 'verification_uri_complete');
  const isLong = [page, complete].some(url => (url ?? '').length > LONGEST_URL);
  if (code === undefined || page === undefined || isLong || !USER_CODE.test(userCode)) return undefined;
  return {
    device_code: code,
    user_code: userCode,
    verification_uri: page,
    ...(complete !== undefined && { verification_uri_complete: complete }),
    expires_in: secondsIn(reply['expires_in'], { least: 1, most: 3_600, usual: 900 }),
    interval: secondsIn(reply['interval'], { least: 0.1, most: 60, usual: 5 }),
  };
}

type Range = { readonly least: number; readonly most: number; readonly usual: number };

/** A number beyond the range would make us poll at once, or never. */
function secondsIn(value: unknown, { least, most, usual }: Range): number {
  const seconds = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isNaN(seconds) ? usual : Math.min(Math.max(seconds, least), most);
}

/** Everything that a device sign-in needs to talk to its server. */
export type DeviceRun = { readonly source: TokenFile; readonly context: StoreContext; readonly client: Client };

/** Asks the server for a code. */
export async function requestCode({ source, context, client }: DeviceRun): Promise<DeviceCode> {
  const exchange = await client((oidc, configuration) =>
    oidc.initiateDeviceAuthorization(configuration, scopeOf(source)),
  );
  context.signal.throwIfAborted();
  if (exchange.kind !== 'answered') throw offline({ host: new URL(source.tokenEndpoint).host }, exchange.cause);
  const { answer } = exchange;
  const { reply } = readContent(answer, '');
  const code = reply && answer.status >= 200 && answer.status < 300 ? codeIn(reply) : undefined;
  if (code) {
    context.conceal(code.device_code);
    return code;
  }
  throw refusalOf(answer, await classify(answer, source, { now: context.now(), sent: '' }));
}

/** The address with the code in it is for a picture that a phone reads, so the user does not have to type. */
export const stepOf = (code: DeviceCode, now: number): OpenStep => ({
  url: code.verification_uri_complete ?? code.verification_uri,
  userCode: code.user_code,
  expiresAt: new Date(now + code.expires_in * 1_000),
});

/** Polls until the user has approved or denied the code, or it has expired. Goes on while there is no network. */
export async function awaitApproval(run: DeviceRun, code: DeviceCode): Promise<TokenResponse> {
  const { signal } = run.context;
  const expiry = timeLimit(code.expires_in * 1_000);
  const polling = AbortSignal.any([signal, expiry]);
  try {
    const exchange = await run.client(
      (oidc, configuration) => oidc.pollDeviceAuthorizationGrant(configuration, code, {}, { signal: polling }),
      async exchange => {
        const error = await waitingOf(run, exchange);
        return error === undefined ? undefined : Response.json({ error }, { status: 400 });
      },
    );
    if (exchange.kind === 'answered') return exchange.answer;
    throw exchange.cause;
  } catch (error) {
    signal.throwIfAborted();
    throw expiry.aborted ? loginFailed(EXPIRED) : error;
  }
}

const EXPIRED = 'The code has expired. Start the sign-in again';

const WAITING = ['authorization_pending', 'slow_down'] as const;

/** Why to go on waiting; undefined if the server has decided. */
async function waitingOf({ source, context }: DeviceRun, exchange: Exchange): Promise<string | undefined> {
  // A server that does not answer may have too much to do.
  if (exchange.kind === 'lost') return 'slow_down';
  if (exchange.kind !== 'answered') return 'authorization_pending';
  const { codes } = readContent(exchange.answer, '');
  const said = WAITING.find(code => codes.includes(code));
  if (said) return said;
  const { kind } = await classify(exchange.answer, source, { now: context.now(), sent: '' });
  if (kind === 'rate-limited') return 'slow_down';
  return kind === 'server-error' || kind === 'intercepted' ? 'authorization_pending' : undefined;
}
