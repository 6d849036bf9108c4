import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { LoginState, RpcClient, StartedLogin } from '../../sdk/contract/rpc.ts';

/** What the client sees of a sign-in, and what it answers. */
export class Dialog {
  #state: LoginState = { name: 'starting' };
  /** Takes the answer that the state asks for. */
  #accept: ((text: string) => void) | undefined;

  constructor(
    readonly client: RpcClient,
    private readonly started: Pick<StartedLogin, 'login' | 'session'>,
  ) {}

  get state(): LoginState {
    return this.#state;
  }

  show(state: LoginState): void {
    this.#state = state;
    this.#accept = undefined;
    this.announce();
  }

  announce(): void {
    const { login, session } = this.started;
    this.client.notify?.('login/didChange', { login, session, state: this.#state });
  }

  /** Shows a state and resolves with the user's answer. Rejects when the signal is aborted. */
  async ask(state: LoginState, signal: AbortSignal): Promise<string> {
    // A signal that was aborted before fires no event, and the session would wait for the answer forever.
    signal.throwIfAborted();
    this.show(state);
    return await new Promise((accept, reject) => {
      const stop = () => reject(signal.reason);
      this.#accept = text => {
        signal.removeEventListener('abort', stop);
        accept(text);
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Throws `KA_LOGIN_NOT_WAITING`. */
  answer(text: string): void {
    const accept = this.#accept;
    if (!accept) throw new KeepaliveError('KA_LOGIN_NOT_WAITING');
    this.#accept = undefined;
    accept(text);
  }
}
