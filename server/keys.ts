import type { Access } from '../sdk/contract/access.ts';
import { sameSecret } from '../sdk/system/local-request.ts';
import { Proofs } from './proofs.ts';

/** The tokens of this server. The second one may only read. */
export type Tokens = { readonly token: string; readonly readToken: string };

/** How a client shows that it has a token: it sends the token, or proves that it has it. */
export type Scheme = 'bearer' | 'proof';

/** Recognizes clients by the tokens, and proves to them that this server has the tokens too. */
export class Keys {
  readonly #tokens: Readonly<Record<Access, string>>;
  readonly #proofs: Readonly<Record<Access, Proofs>>;

  constructor({ token, readToken }: Tokens, port: number) {
    this.#tokens = { full: token, read: readToken };
    this.#proofs = { full: new Proofs(token, port), read: new Proofs(readToken, port) };
  }

  /** What a credential gives access to; undefined if it is wrong. */
  accessBy(scheme: Scheme, credential: string): Access | undefined {
    // Both are compared, so that the time does not depend on which one it is.
    const [isFull, isRead] = (['full', 'read'] as const).map(access =>
      scheme === 'proof' ? this.#proofs[access].accept(credential) : sameSecret(credential, this.#tokens[access]),
    );
    if (isFull) return 'full';
    return isRead ? 'read' : undefined;
  }

  /** The server's nonce and proof for a client's nonce; undefined if that is malformed. */
  prove(access: Access, clientNonce: string): string | undefined {
    return this.#proofs[access].answer(clientNonce);
  }
}
