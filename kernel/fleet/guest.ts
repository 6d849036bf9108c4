import { z } from 'zod';
import { inTurn } from '../../sdk/base/in-turn.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { NOTIFICATIONS } from '../../sdk/contract/rpc-schema.ts';
import type { RpcClient, StartedLogin } from '../../sdk/contract/rpc.ts';
import type { Peer } from '../../sdk/plugin/fleet.ts';
import { isLoginOver } from '../../sdk/wording/sign-in.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { channelPair } from '../../server/channel-pair.ts';
import { ConnectedClient } from '../../server/client.ts';
import type { LetterContent } from './letters.ts';
import { sendSurely, type Line } from './line.ts';

/** What a sign-in sends its client. */
const changeSchema = z.object({
  method: z.literal('login/didChange'),
  params: NOTIFICATIONS['login/didChange'].params,
});

type Options = { readonly from: Peer; readonly call: string; readonly log: Pick<KernelLog, 'warn'> };

/** A client on another machine, connected by letters. It has gone when its machine falls silent. */
export class Guest {
  readonly client: RpcClient;
  readonly from: Peer;
  /** The sign-in that it has started. */
  #login: string | undefined;
  readonly #inTurn = inTurn();
  readonly #disconnect: Cleanup;
  readonly #ends: Cleanup[] = [];

  constructor(
    private readonly line: Line,
    private readonly options: Options,
  ) {
    const [mine, theirs] = channelPair();
    const client = new ConnectedClient('full', false);
    client.join(theirs);
    mine.onMessage(message => this.#pass(message));
    this.client = client;
    this.from = options.from;
    this.#disconnect = () => mine.close();
    this.#ends.push(line.connection.directory.attend(this.from, () => this.leave()));
  }

  get login(): string | undefined {
    return this.#login;
  }

  onEnd(listener: () => void): void {
    this.#ends.push(listener);
  }

  begin(started: StartedLogin): void {
    const { call } = this.options;
    this.#login = started.login;
    this.#send({ type: 'started', call, started, now: Date.now() });
  }

  /** The client has gone, or has seen the end. */
  leave(): void {
    for (const end of this.#ends.splice(0)) void end();
    void this.#disconnect();
  }

  #pass(message: unknown): void {
    const { state } = changeSchema.parse(message).params;
    this.#send({ type: 'moved', call: this.options.call, state });
    if (isLoginOver(state)) this.leave();
  }

  /** In turn, because a client must not see a state before the one that led to it. */
  #send(letter: LetterContent): void {
    this.#inTurn(() => sendSurely(this.line, this.from, letter)).catch((error: unknown) => {
      this.options.log.warn({ err: error, machine: this.from.machine }, 'a sign-in could not be shown to its client');
      this.leave();
    });
  }
}
