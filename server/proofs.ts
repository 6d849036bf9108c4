import { createHmac, randomBytes } from 'node:crypto';
import { NONCE, proofOf, sameProof } from '../sdk/client/proof.ts';

/** How long a client may take to answer the kernel's proof with its own. */
const LIFE_MS = 10_000;
const TIME_BYTES = 6;
const RANDOM_BYTES = 10;
const MAC_BYTES = 16;

/**
 * Proves to clients that this kernel has the token, and checks their proofs. No state is kept for unproven clients: the
 * server's nonce carries its own age and a MAC. A proof works once.
 */
export class Proofs {
  readonly #key = randomBytes(32);
  /** Used nonces, with the time at which they expire. */
  readonly #spent = new Map<string, number>();

  constructor(
    private readonly token: string,
    private readonly port: number,
    private readonly now: () => number = () => Math.floor(performance.now()),
  ) {}

  /** The server's nonce and proof for a client's nonce; undefined if that is malformed. */
  answer(clientNonce: string): string | undefined {
    if (!NONCE.test(clientNonce)) return undefined;
    const time = Buffer.alloc(TIME_BYTES);
    time.writeUIntBE(this.now(), 0, TIME_BYTES);
    const head = Buffer.concat([time, randomBytes(RANDOM_BYTES)]);
    const serverNonce = Buffer.concat([head, this.#mac(head, clientNonce)]).toString('base64url');
    return `${serverNonce}.${proofOf(this.token, 'server', { port: this.port, clientNonce, serverNonce })}`;
  }

  /** Whether a client's credential is a valid proof that was not used before. */
  accept(credential: string): boolean {
    const [clientNonce = '', serverNonce = '', proof = ''] = credential.split('.', 3);
    if (!NONCE.test(clientNonce) || !NONCE.test(serverNonce)) return false;
    const now = this.now();
    const bytes = Buffer.from(serverNonce, 'base64url');
    const head = bytes.subarray(0, TIME_BYTES + RANDOM_BYTES);
    const until = head.readUIntBE(0, TIME_BYTES) + LIFE_MS;
    const mac = this.#mac(head, clientNonce).toString('base64url');
    if (!sameProof(bytes.subarray(head.length).toString('base64url'), mac)) return false;
    const expected = proofOf(this.token, 'client', { port: this.port, clientNonce, serverNonce });
    if (now > until || !sameProof(proof, expected)) return false;
    for (const [nonce, end] of this.#spent) if (end < now) this.#spent.delete(nonce);
    if (this.#spent.has(serverNonce)) return false;
    this.#spent.set(serverNonce, until);
    return true;
  }

  #mac(head: Buffer, clientNonce: string): Buffer {
    return createHmac('sha256', this.#key).update(head).update(clientNonce).digest().subarray(0, MAC_BYTES);
  }
}
