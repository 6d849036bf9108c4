import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Access } from '../contract/access.ts';

/** The side that proves that it has the token. A proof of one side does not work as a proof of the other. */
type Side = 'server' | 'client';

/** What a proof is bound to: the port that both sides use, and a nonce of each. */
export type Challenge = { readonly port: number; readonly clientNonce: string; readonly serverNonce: string };

/** Where a kernel proves that it has the token, before a client sends anything secret. */
export const PROOF_PATH = '/proof';
/** Where it proves that it has the token for that access. */
export const proofPath = (access: Access, clientNonce: string): string =>
  `${PROOF_PATH}?${access === 'read' ? 'access=read&' : ''}nonce=${clientNonce}`;
/** The form of every nonce and every proof: 32 bytes in base64url. */
export const NONCE = /^[\w-]{43}$/;

export const newNonce = (): string => randomBytes(32).toString('base64url');

/** Proves that `side` has the token, without revealing it. */
export const proofOf = (token: string, side: Side, { port, clientNonce, serverNonce }: Challenge): string =>
  createHmac('sha256', token)
    .update(`keepalive.v1 ${side} 127.0.0.1:${port} ${clientNonce} ${serverNonce}`)
    .digest('base64url');

/** Compares two proofs in constant time. */
export function sameProof(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
