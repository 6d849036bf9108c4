import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { LoginState, RpcParams, StartedLogin } from '../../../sdk/contract/rpc.ts';

/** A sign-in of this client, and its states as they come. These fail when the connection is lost. */
export type Followed = { readonly started: StartedLogin; readonly states: AsyncIterable<LoginState> };

type Params = RpcParams<'login/start'> | RpcParams<'fleet/login'>;

/** Starts it on this machine, or on another one. */
export async function startSignIn(client: KeepaliveClient, params: Params): Promise<Followed> {
  // Listens first: the first state may arrive with the answer.
  const changes = new ReadableStream<{ readonly login: string; readonly state: LoginState }>({
    start(controller) {
      client.on('login/didChange', change => controller.enqueue(change));
      client.onStatus(() => controller.error(new KeepaliveError('KA_RPC_CONNECTION_LOST')));
    },
  });
  const started = await ('machine' in params
    ? client.request('fleet/login', params)
    : client.request('login/start', params));
  async function* states() {
    for await (const { login, state } of changes) if (login === started.login) yield state;
  }
  return { started, states: states() };
}
