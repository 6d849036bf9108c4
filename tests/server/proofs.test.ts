import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Proofs } from '../../server/proofs.ts';
import { newNonce, proofOf } from '../../sdk/client/proof.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';

const [TOKEN, PORT] = ['token', 4711];

/** Both sides of a handshake, with a clock that the test sets. */
function handshake({ token = TOKEN, port = PORT } = {}) {
  let now = 1_000_000;
  const proofs = new Proofs(TOKEN, PORT, () => now);
  const clientNonce = newNonce();
  const [serverNonce = '', proof = ''] = proofs.answer(clientNonce)?.split('.') ?? [];
  const credential = [clientNonce, serverNonce, proofOf(token, 'client', { port, clientNonce, serverNonce })].join('.');
  return { proofs, clientNonce, serverNonce, proof, credential, turn: (ms: number) => void (now += ms) };
}

test('the kernel proves that it has the token, bound to its port and both nonces', () => {
  const { clientNonce, serverNonce, proof } = handshake();
  expect(proof).toBe(proofOf(TOKEN, 'server', { port: PORT, clientNonce, serverNonce }));
  const others = [
    ['other', PORT, clientNonce, serverNonce],
    [TOKEN, 1, clientNonce, serverNonce],
    [TOKEN, PORT, newNonce(), serverNonce],
    [TOKEN, PORT, clientNonce, newNonce()],
  ] as const;
  for (const [token, port, client, server] of others)
    expect(proofOf(token, 'server', { port, clientNonce: client, serverNonce: server })).not.toBe(proof);
});

test('a proof of the token is accepted once', () => {
  const { proofs, credential } = handshake();
  expect([proofs.accept(credential), proofs.accept(credential)]).toEqual([true, false]);
});

describe('a proof is not accepted', () => {
  test.each<[string, () => readonly [Proofs, string]]>([
    ['with another token', () => [handshake({ token: 'other' }).proofs, handshake({ token: 'other' }).credential]],
    [
      'with a proof for another port',
      () => {
        const { proofs, credential } = handshake({ port: PORT + 1 });
        return [proofs, credential];
      },
    ],
    [
      "with the kernel's own proof",
      () => {
        const { proofs, clientNonce, serverNonce, proof } = handshake();
        return [proofs, [clientNonce, serverNonce, proof].join('.')];
      },
    ],
    [
      'with a nonce that the kernel has not issued',
      () => {
        const { proofs, clientNonce } = handshake();
        const serverNonce = newNonce();
        return [
          proofs,
          [clientNonce, serverNonce, proofOf(TOKEN, 'client', { port: PORT, clientNonce, serverNonce })].join('.'),
        ];
      },
    ],
    [
      'with a nonce that was issued for another client nonce',
      () => {
        const { proofs, serverNonce } = handshake();
        const clientNonce = newNonce();
        return [
          proofs,
          [clientNonce, serverNonce, proofOf(TOKEN, 'client', { port: PORT, clientNonce, serverNonce })].join('.'),
        ];
      },
    ],
    ['with a nonce of a former kernel', () => [handshake().proofs, handshake().credential]],
    [
      'too late',
      () => {
        const { proofs, credential, turn } = handshake();
        turn(10_001);
        return [proofs, credential];
      },
    ],
    ['if it is empty', () => [handshake().proofs, '']],
    ['if its parts are empty', () => [handshake().proofs, '..']],
    [
      'with extra text',
      () => {
        const { proofs, credential } = handshake();
        return [proofs, `${credential}x`];
      },
    ],
  ])('%s', (_what, make) => {
    const [proofs, credential] = make();
    expect(proofs.accept(credential)).toBe(false);
  });
});

test.each(['', 'short', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}/`, 'A'.repeat(10_000)])(
  'the kernel proves nothing for a nonce such as %j',
  nonce => {
    expect(handshake().proofs.answer(nonce)).toBeUndefined();
  },
);

describe('at the daemon', () => {
  let server: Awaited<ReturnType<typeof daemonWithRawClient>>;
  beforeAll(async () => {
    server = await daemonWithRawClient();
  });
  afterAll(() => server.end());

  async function credential(token = server.endpoint.token): Promise<string> {
    const clientNonce = newNonce();
    const [, answer] = await server.ask({ path: `/proof?nonce=${clientNonce}` });
    const [serverNonce = ''] = answer.split('.');
    return [clientNonce, serverNonce, proofOf(token, 'client', { port: server.port, clientNonce, serverNonce })].join(
      '.',
    );
  }

  test('a proof is accepted once, in the header or as a subprotocol, and only with the right token', async () => {
    const once = await credential();
    const ways = async (shown: string) => [
      await server.handshake({ headers: { authorization: `Proof ${shown}` } }),
      await server.handshake({ headers: { authorization: `Proof ${shown}` } }),
    ];
    expect(await ways(once)).toEqual([101, 401]);
    expect(await server.handshake({ protocols: ['keepalive.v1', `proof.${await credential()}`] })).toBe(101);
    expect(await server.handshake({ headers: { authorization: `Proof ${await credential('other')}` } })).toBe(401);
    expect(await server.handshake({ headers: { authorization: `Bearer ${await credential()}` } })).toBe(401);
  });

  test.each<[string, Parameters<typeof server.ask>[0], number]>([
    ['an invalid nonce', { path: '/proof?nonce=x' }, 400],
    ['no nonce', { path: '/proof?' }, 400],
    ['a form', { path: '/proof?nonce=x', method: 'POST' }, 405],
    [
      'a page of another site',
      { path: `/proof?nonce=${'A'.repeat(43)}`, headers: { 'sec-fetch-site': 'cross-site' } },
      403,
    ],
    [
      'a page of another origin',
      { path: `/proof?nonce=${'A'.repeat(43)}`, headers: { origin: 'http://evil.test' } },
      403,
    ],
    ['another name', { path: `/proof?nonce=${'A'.repeat(43)}`, headers: { host: 'evil.test' } }, 403],
  ])('the kernel proves nothing to %s', async (_what, offer, status) => {
    expect(await server.ask(offer)).toEqual([status, '']);
  });
});
