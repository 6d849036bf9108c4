import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Channel } from '../../../sdk/client/channel.ts';
import { createClient } from '../../../sdk/client/create-client.ts';
import { isKeepaliveError } from '../../../sdk/contract/errors.ts';

const PROBLEMS = [
  { path: 'policy.every', message: 'expected a duration' },
  { path: '', message: '"x" is not known.' },
];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A kernel that answers nothing by itself. */
function silentKernel() {
  const requests: { readonly id: number }[] = [];
  let [answer, lose] = [(_message: unknown): unknown => undefined, () => {}];
  const channel: Channel = {
    send: message => void requests.push(message as { readonly id: number }),
    onMessage: listener => void (answer = listener),
    onClose: listener => void (lose = listener),
    close: () => undefined,
  };
  return { channel, requests, answer: (message: object) => void answer(message), lose: () => lose() };
}

test('a request that is not answered in time is rejected, and a late answer is ignored', async () => {
  const { channel, requests, answer } = silentKernel();
  const client = createClient(channel, { timeoutMs: 5_000 });
  const late = client.request('session/list').catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(5_000);
  const details = { method: 'session/list', timeoutMs: 5_000 };
  expect(await late).toMatchObject({ code: 'KA_RPC_TIMEOUT', details });
  answer({ jsonrpc: '2.0', id: requests[0]?.id, result: [] });
  const next = client.request('notice/list');
  answer({ jsonrpc: '2.0', id: requests[1]?.id, result: [] });
  expect(await next).toEqual([]);
});

test('a request that is answered leaves no timer', async () => {
  const { channel, requests, answer } = silentKernel();
  const request = createClient(channel).request('session/list');
  answer({ jsonrpc: '2.0', id: requests[0]?.id, result: [] });
  await request;
  expect(vi.getTimerCount()).toBe(0);
});

test('a request is rejected when the connection is lost, and so are those after it', async () => {
  const { channel, lose } = silentKernel();
  const client = createClient(channel);
  const lost = client.request('session/list').catch((error: unknown) => error);
  lose();
  expect(await lost).toMatchObject({ code: 'KA_RPC_CONNECTION_LOST' });
  await expect(client.request('session/list')).rejects.toMatchObject({ code: 'KA_RPC_CONNECTION_LOST' });
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [
    'one of ours',
    { code: 1, message: 'x', data: { code: 'KA_RATE_LIMITED', details: { retryAt: 5 } } },
    'KA_RATE_LIMITED',
  ],
  ['wrong params', { code: -32_602, message: 'Invalid params', data: { problems: PROBLEMS } }, 'KA_RPC_INVALID_PARAMS'],
  ['wrong params without a reason', { code: -32_602, message: 'Invalid params' }, 'KA_RPC_INVALID_PARAMS'],
  ['an unknown method', { code: -32_601, message: 'Method not found' }, 'KA_RPC_METHOD_NOT_FOUND'],
  ['an internal error', { code: -32_603, message: 'Internal error' }, 'KA_RPC_FAILED'],
  ['one of a newer daemon', { code: 1, message: 'New.', data: { code: 'KA_NEW', details: { a: 1 } } }, 'KA_RPC_FAILED'],
])('the answer that is %s is a KeepaliveError', async (_name, error, code) => {
  expect(await answerWith(error)).toEqual(expect.toSatisfy(isKeepaliveError));
  expect(await answerWith(error)).toMatchObject({ code });
});

test('the message of wrong params names each problem, and an unknown error keeps what the daemon said', async () => {
  expect(await answerWith({ code: -32_602, message: 'Invalid params', data: { problems: PROBLEMS } })).toMatchObject({
    message: 'The daemon does not accept the params. policy.every: expected a duration. "x" is not known.',
    details: { method: 'session/list', problems: PROBLEMS },
  });
  const newer = { code: 1, message: 'New.', data: { code: 'KA_NEW', details: { a: 1 } } };
  expect(await answerWith(newer)).toMatchObject({ details: { code: 'KA_NEW', reason: 'New.', a: 1 } });
});

test('a channel that cannot send rejects with a KeepaliveError', async () => {
  const { channel } = silentKernel();
  const send = () => {
    throw new Error('not open');
  };
  const request = createClient({ ...channel, send }).request('session/list');
  await expect(request).rejects.toMatchObject({ code: 'KA_RPC_FAILED', details: { reason: 'not open' } });
});

async function answerWith(error: object): Promise<unknown> {
  const { channel, requests, answer } = silentKernel();
  const asked = createClient(channel)
    .request('session/list')
    .catch((reason: unknown) => reason);
  await vi.advanceTimersByTimeAsync(0);
  answer({ jsonrpc: '2.0', id: requests[0]?.id, error });
  return asked;
}
