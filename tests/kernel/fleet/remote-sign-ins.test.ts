import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { letterSchema, type LetterContent } from '../../../kernel/fleet/letters.ts';
import type { Line } from '../../../kernel/fleet/line.ts';
import { PendingCalls } from '../../../kernel/fleet/pending-calls.ts';
import { RemoteSignIns } from '../../../kernel/fleet/remote-sign-ins.ts';
import { isKeepaliveError } from '../../../sdk/contract/errors.ts';
import { NOTIFICATIONS } from '../../../sdk/contract/rpc-schema.ts';
import type { LoginState } from '../../../sdk/contract/rpc.ts';
import type { Peer } from '../../../sdk/plugin/fleet.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { channelPair } from '../../../server/channel-pair.ts';
import { ConnectedClient } from '../../../server/client.ts';

// The offset of the other clock is computed from this one, to the millisecond.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const BOX: Peer = { machine: 'box', run: 'run-of-box' };
const MINUTE = 60_000;
const changeSchema = z.object({ params: NOTIFICATIONS['login/didChange'].params });
const STATES = { open: 'https://vendor.example/device', elsewhere: 'https://elsewhere.example/device' };

function clientWith(kind: 'client' | 'page') {
  const states: LoginState[] = [];
  const rpc = new ConnectedClient('full', kind === 'page');
  const [mine, theirs] = channelPair();
  mine.onMessage(message => void states.push(changeSchema.parse(message).params.state));
  rpc.join(theirs);
  return { rpc, states, last: () => states.at(-1), names: () => states.map(({ name }) => name) };
}

/** A client here, and a machine `box` whose clock is ten minutes ahead, played by the test. */
async function scene(kind: 'client' | 'page' = 'client') {
  const client = clientWith(kind);
  const sent: LetterContent[] = [];
  let silence = () => undefined as void;
  const line: Line = {
    plugin: { machine: 'laptop', accept: [] },
    connection: {
      directory: {
        find: async () => BOX,
        send: async (_to, content) => void sent.push(letterSchema.parse(content)),
        attend: (_peer, onSilent) => ((silence = onSilent), () => undefined),
      },
    },
  };
  const calls = new PendingCalls();
  const signIns = new RemoteSignIns(
    calls,
    { scrubber: new Scrubber(), log: silentLog() },
    { at: () => () => undefined },
  );
  const params = { machine: 'box', id: 'acme' };
  const starting = signIns.start(line, params, client.rpc);
  await nextTurn();
  const [request] = sent;
  const call = request?.call ?? '';
  const there = { login: 'l', session: 'acme', steps: ['open'], machine: 'host', hosts: ['vendor.example'] };
  const now = Date.now() + 10 * MINUTE;
  calls.take(BOX, { type: 'started', call, started: { ...there, endsAt: now + 15 * MINUTE }, now });
  const started = await starting;
  const move = async (state: LoginState, from = BOX) => {
    await signIns.move(line, from, { type: 'moved', call, state });
    for (let turns = 3; turns > 0; turns -= 1) await nextTurn();
  };
  const again = () => signIns.start(line, params, client.rpc);
  return { signIns, client, sent, request, started, move, again, silence: () => silence(), now };
}

test('a sign-in elsewhere prefers any device, names that machine, and has the times of this one', async () => {
  const { request, started, move, client, now } = await scene();
  expect(request).toMatchObject({ type: 'login', id: 'acme', device: true });
  expect(started).toMatchObject({ machine: 'box', login: request?.call, endsAt: now + 5 * MINUTE });
  await move({ name: 'open', url: STATES.open, userCode: 'AB-CD', expiresAt: now + MINUTE });
  expect(client.last()).toMatchObject({ name: 'open', userCode: 'AB-CD', expiresAt: now - 9 * MINUTE });
});

test('an address that is not the vendor’s is not shown, and the sign-in is cancelled there', async () => {
  const { move, client, sent } = await scene();
  await move({ name: 'open', url: STATES.elsewhere });
  expect(client.last()).toMatchObject({ name: 'failed', code: 'KA_LOGIN_FAILED' });
  expect(sent.at(-1)?.type).toBe('cancel');
});

test('an answer is sent once for a question, and not before', async () => {
  const { signIns, move, client, sent, started } = await scene();
  const answer = () =>
    signIns.answer({ login: started.login, text: 'the-code' }, client.rpc).catch((error: unknown) => {
      if (isKeepaliveError(error)) return error.code;
      throw error;
    });
  expect(await answer().catch(String)).toBe('KA_LOGIN_NOT_WAITING');
  await move({ name: 'code', url: STATES.open });
  expect([await answer(), await answer()]).toEqual([undefined, 'KA_LOGIN_NOT_WAITING']);
  expect(sent.at(-1)).toMatchObject({ type: 'answer', text: 'the-code' });
});

test('a state from another machine, or another run of it, is not shown, and cancelled there', async () => {
  const { move, client, sent } = await scene();
  await move({ name: 'done' }, { ...BOX, run: 'another' });
  await move({ name: 'open', url: STATES.open }, { machine: 'mallory', run: 'r' });
  expect(client.states).toEqual([]);
  expect(sent.map(({ type }) => type)).toEqual(['login', 'cancel']);
});

test('a sign-in fails here when the other machine is silent', async () => {
  const { client, silence, signIns, started } = await scene();
  silence();
  await nextTurn();
  expect(client.last()).toMatchObject({ name: 'failed', code: 'KA_FLEET_SILENT' });
  expect(signIns.has(started.login)).toBe(false);
});

test('a client that goes cancels it there', async () => {
  const { client, sent, signIns, started } = await scene();
  client.rpc.leave();
  expect(sent.at(-1)).toMatchObject({ type: 'cancel', call: started.login });
  expect(signIns.has(started.login)).toBe(false);
});

test('a settings page that starts it again gets the running one, with its state', async () => {
  const { client, again, started, move, sent } = await scene('page');
  await move({ name: 'checking' });
  expect(await again()).toEqual(started);
  await nextTurn();
  await nextTurn();
  expect(client.names()).toEqual(['checking', 'checking']);
  expect(sent).toHaveLength(1);
});
