import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { inTurn } from '../../sdk/base/in-turn.ts';
import { isKeepaliveError, KeepaliveError, type ErrorCode } from '../../sdk/contract/errors.ts';
import type { LoginState, RpcClient, StartedLogin } from '../../sdk/contract/rpc.ts';
import type { Peer } from '../../sdk/plugin/fleet.ts';
import { describeOurs } from '../../sdk/wording/error.ts';
import { isLoginOver } from '../../sdk/wording/sign-in.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import type { Scrubber } from '../../runtime/log/redact.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { LIMIT_MS } from '../sign-in/started.ts';
import { codeState, openState } from '../sign-in/steps.ts';
import type { LetterOf } from './letters.ts';
import { isSamePeer, sendSurely, type Line } from './line.ts';

/** The other machine ends the sign-in in time, and its last letter needs a moment. */
const GRACE_MS = 60_000;

type Options = {
  readonly call: string;
  readonly client: RpcClient;
  /** Where it signs in. */
  readonly peer: Peer;
  readonly session: string;
  readonly scheduler: Pick<Scheduler, 'at'>;
  readonly scrubber: Pick<Scrubber, 'conceal' | 'scrub'>;
  readonly log: Pick<KernelLog, 'warn'>;
};

/** A sign-in that runs on another machine, for a client here. */
export class RemoteSignIn {
  #state: LoginState = { name: 'starting' };
  #isAnswered = false;
  readonly #started: Promise<{ readonly login: StartedLogin; readonly aheadMs: number }>;
  readonly #inTurn = inTurn();
  readonly #ends: Cleanup[] = [];

  constructor(
    private readonly line: Line,
    private readonly options: Options,
    started: Promise<LetterOf<'started'>>,
  ) {
    const { client, call, peer, scheduler } = options;
    this.#started = started.then(letter => {
      const aheadMs = letter.now - Date.now();
      const { machine } = peer;
      // The id is ours: another machine cannot name a sign-in of this one.
      return { login: { ...letter.started, login: call, machine, endsAt: letter.started.endsAt - aheadMs }, aheadMs };
    });
    this.#ends.push(
      client.onGone(() => this.#abandon()),
      line.connection.directory.attend(peer, () => this.#fail('KA_FLEET_SILENT')),
      scheduler.at(Date.now() + LIMIT_MS + GRACE_MS, () => this.#fail('KA_LOGIN_TIMEOUT')),
    );
  }

  get client(): RpcClient {
    return this.options.client;
  }

  isOn(peer: Peer): boolean {
    return isSamePeer(this.options.peer, peer);
  }

  isFor(machine: string, session: string, client: RpcClient): boolean {
    return this.options.peer.machine === machine && this.options.session === session && this.client === client;
  }

  onEnd(listener: () => void): void {
    this.#ends.push(listener);
  }

  /** Names the other machine, and has its times by the clock of this one. */
  async started(): Promise<StartedLogin> {
    return (await this.#started).login;
  }

  async repeat(): Promise<StartedLogin> {
    const started = await this.started();
    setImmediate(() => this.#announce());
    return started;
  }

  /** Throws `KA_LOGIN_NOT_WAITING`. */
  async answer(text: string): Promise<void> {
    const { name } = this.#state;
    if ((name !== 'code' && name !== 'confirm') || this.#isAnswered) throw new KeepaliveError('KA_LOGIN_NOT_WAITING');
    if (name === 'code') this.options.scrubber.conceal(text);
    this.#isAnswered = true;
    try {
      await this.line.connection.directory.send(this.options.peer, { type: 'answer', call: this.options.call, text });
    } catch (error) {
      this.#isAnswered = false;
      throw error;
    }
  }

  /** The state `cancelled` follows. */
  cancel(): Promise<void> {
    return this.line.connection.directory.send(this.options.peer, { type: 'cancel', call: this.options.call });
  }

  /** Takes the state that the other machine shows. */
  move(state: LoginState): void {
    const taken = this.#inTurn(async () => {
      const { login, aheadMs } = await this.#started;
      // The client has to know the sign-in before its first state arrives.
      await nextTurn();
      this.#take(state, login, aheadMs);
    });
    taken.catch((error: unknown) => this.options.log.warn({ err: error }, 'a state of a sign-in could not be shown'));
  }

  /** The fleet is left, or the sign-in was refused. */
  end(code?: ErrorCode): void {
    if (code !== undefined) this.#show(this.#failed(code));
    for (const end of this.#ends.splice(0)) void end();
  }

  /** What another machine shows is checked here as well: it goes to the user of this one. */
  #take(state: LoginState, { hosts }: StartedLogin, aheadMs: number): void {
    const rules = { hosts, scrubber: this.options.scrubber };
    try {
      if (state.name === 'open') {
        const expiresAt = state.expiresAt === undefined ? undefined : new Date(state.expiresAt - aheadMs);
        this.#show(openState({ ...state, expiresAt }, rules));
      } else this.#show(state.name === 'code' ? codeState(state, rules) : state);
    } catch (error) {
      if (!isKeepaliveError(error)) throw error;
      this.#abandon();
      this.#show({ name: 'failed', code: error.code, message: describeOurs(error) });
    }
  }

  #show(state: LoginState): void {
    if (isLoginOver(this.#state)) return;
    this.#state = state;
    this.#isAnswered = false;
    this.#announce();
    if (isLoginOver(state)) this.end();
  }

  #announce(): void {
    const { client, call, session } = this.options;
    client.notify?.('login/didChange', { login: call, session, state: this.#state });
  }

  #fail(code: ErrorCode): void {
    this.#abandon();
    this.#show(this.#failed(code));
  }

  #failed(code: ErrorCode): LoginState {
    const { machine } = this.options.peer;
    const message = describeOurs(new KeepaliveError(code, { machine }));
    return { name: 'failed', code, message: `${message} The sign-in on ${machine} ends by itself.` };
  }

  /** No client here waits for it any more. */
  #abandon(): void {
    this.end();
    const { peer, call } = this.options;
    // If it cannot be sent, this machine is silent there, which cancels the sign-in too.
    sendSurely(this.line, peer, { type: 'cancel', call }).catch(() => undefined);
  }
}
