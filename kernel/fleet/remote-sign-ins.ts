import { randomUUID } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError, type ErrorCode } from '../../sdk/contract/errors.ts';
import type { CheckedParams, RpcClient, StartedLogin } from '../../sdk/contract/rpc.ts';
import type { Peer } from '../../sdk/plugin/fleet.ts';
import { isLoginOver } from '../../sdk/wording/sign-in.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { SessionTools } from '../session/dependencies.ts';
import type { LetterOf } from './letters.ts';
import type { Line } from './line.ts';
import { PendingCalls } from './pending-calls.ts';
import { RemoteSignIn } from './remote-sign-in.ts';

/** The sign-ins on other machines that clients of this one have started. */
@scoped(Lifecycle.ContainerScoped)
export class RemoteSignIns {
  /** By call, which is the id of the sign-in for its client. */
  readonly #running = new Map<string, RemoteSignIn>();

  constructor(
    @inject(PendingCalls) private readonly calls: PendingCalls,
    @inject(SessionTools) private readonly tools: Pick<SessionTools, 'scrubber' | 'log'>,
    @inject(Scheduler) private readonly scheduler: Pick<Scheduler, 'at'>,
  ) {}

  has(login: string): boolean {
    return this.#running.has(login);
  }

  /** Throws what `login/start` throws on the other machine. */
  async start(
    line: Line,
    { machine, id, device = true, login }: CheckedParams<'fleet/login'>,
    client: RpcClient,
  ): Promise<StartedLogin> {
    if (!client.notify) throw new KeepaliveError('KA_LOGIN_UNWATCHED');
    if (login !== undefined) return this.#get(login, client).repeat();
    const known = [...this.#running.values()].find(one => client.mayReturn && one.isFor(machine, id, client));
    if (known) return known.repeat();
    const peer = await line.connection.directory.find(machine);
    const call = randomUUID();
    const { scheduler } = this;
    const { scrubber, log } = this.tools;
    const started = this.#ask(line, peer, { type: 'login', call, id, device });
    const signIn = new RemoteSignIn(line, { call, client, peer, session: id, scheduler, scrubber, log }, started);
    this.#running.set(call, signIn);
    signIn.onEnd(() => this.#running.delete(call));
    try {
      return await signIn.started();
    } catch (error) {
      signIn.end();
      throw error;
    }
  }

  answer({ login, text }: CheckedParams<'login/answer'>, client: RpcClient): Promise<void> {
    return this.#get(login, client).answer(text);
  }

  cancel({ login }: CheckedParams<'login/cancel'>, client: RpcClient): Promise<void> {
    return this.#get(login, client).cancel();
  }

  /** Takes a state. The machine is asked to cancel a sign-in that no client here waits for. */
  async move(line: Line, from: Peer, { call, state }: LetterOf<'moved'>): Promise<void> {
    const signIn = this.#running.get(call);
    if (signIn?.isOn(from)) signIn.move(state);
    else if (!isLoginOver(state)) await line.connection.directory.send(from, { type: 'cancel', call });
  }

  end(code: ErrorCode): void {
    for (const signIn of this.#running.values()) signIn.end(code);
  }

  async #ask(line: Line, peer: Peer, request: LetterOf<'login'>): Promise<LetterOf<'started'>> {
    const answer = await this.calls.ask(line, peer, request);
    if (answer.type !== 'started') throw new KeepaliveError('KA_FLEET_FAILED', { machine: peer.machine });
    return answer;
  }

  /** A sign-in of another client is answered as one that does not exist. */
  #get(login: string, client: RpcClient): RemoteSignIn {
    const found = this.#running.get(login);
    if (!found || found.client !== client) throw new KeepaliveError('KA_LOGIN_NOT_FOUND');
    return found;
  }
}
