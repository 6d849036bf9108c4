import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Channel } from '../../../sdk/client/channel.ts';
import { createClient } from '../../../sdk/client/create-client.ts';

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
