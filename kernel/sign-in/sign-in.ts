import { printableLine } from '../../sdk/base/printable.ts';
import { isKeepaliveError, KeepaliveError, loginFailed } from '../../sdk/contract/errors.ts';
import type { LoginState, RpcClient, StartedLogin } from '../../sdk/contract/rpc.ts';
import { describeOurs } from '../../sdk/wording/error.ts';
import { inspectionIn } from '../../lifecycle/credential.ts';
import { flawIn, isRecognizable, WAITS_FOR_VENDOR } from '../../lifecycle/sign-in.ts';
import { isPaused } from '../../lifecycle/states.ts';
import { mustWaitForVendor } from '../../lifecycle/timing.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';
import type { SignInTalk } from '../../runtime/context.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { SessionTools } from '../session/dependencies.ts';
import type { Keeper } from '../session/keeper.ts';
import { AccountCheck } from './account-check.ts';
import type { ConfirmedAccounts } from './confirmed-accounts.ts';
import { Dialog } from './dialog.ts';
import { LoginStore } from './login-store.ts';
import { LIMIT_MS, startedFor } from './started.ts';
import { talkOf } from './talk.ts';

const MAX_TEXT = 500;

type Options = {
  readonly device: boolean;
  readonly client: RpcClient;
  readonly scheduler: Pick<Scheduler, 'at'>;
  readonly tools: Pick<SessionTools, 'contexts' | 'scrubber' | 'log'>;
  readonly accounts: ConfirmedAccounts;
};

/** One sign-in: runs the vendor's program, and ends `done` only if an attempt finds another login than before good. */
export class SignIn {
  readonly started: StartedLogin;
  readonly #abort = new AbortController();
  readonly #dialog: Dialog;
  readonly #store: LoginStore;
  readonly #accounts: AccountCheck;
  /** Whether the user keeps the account in the store, although it is another one. */
  #keepsAccount = false;

  constructor(
    private readonly keeper: Keeper,
    private readonly options: Options,
  ) {
    const { client, device, scheduler, accounts } = options;
    this.started = startedFor(keeper.provider, device);
    this.#dialog = new Dialog(client, this.started);
    this.#store = new LoginStore(keeper, scheduler);
    this.#accounts = new AccountCheck(keeper, this.#store, accounts);
  }

  get client(): RpcClient {
    return this.#dialog.client;
  }

  /** Sends the state once more, to a page that has connected again. */
  repeat(): void {
    this.#dialog.announce();
  }

  /** Throws `KA_LOGIN_NOT_WAITING`. */
  answer(text: string): void {
    if (this.#dialog.state.name === 'code') this.options.tools.scrubber.conceal(text);
    this.#dialog.answer(text);
  }

  /** Ends the vendor's program. */
  cancel(): void {
    this.#abort.abort();
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const giveUp = () => this.#abort.abort(new KeepaliveError('KA_LOGIN_TIMEOUT'));
    const { client, scheduler } = this.options;
    const cleanups = [scheduler.at(this.started.endsAt, giveUp), client.onGone(() => this.cancel())];
    this.#dialog.announce();
    await this.keeper.signIn(this.#abort, async verify => this.#dialog.show(await this.#ending(verify)));
    for (const cleanUp of cleanups) await cleanUp();
  }

  /** Signs in, and returns the state that ends it. */
  async #ending(verify: () => Promise<void>): Promise<LoginState> {
    try {
      await this.#store.remember();
      await this.#act();
      this.#dialog.show({ name: 'checking' });
      await this.#confirm();
      await this.#prove(verify);
      return this.#ended({ name: 'done' });
    } catch (error) {
      const { aborted, reason } = this.#abort.signal;
      return this.#ended(await this.#failure(aborted ? reason : error));
    }
  }

  /** Has the vendor's program sign in, or waits until the user has done it. */
  async #act(): Promise<void> {
    const { provider } = this.keeper;
    const { signIn } = provider;
    const { signal } = this.#abort;
    if (!signIn) {
      const { before } = this.#store;
      if (!isRecognizable(before)) throw new KeepaliveError('KA_LOGIN_UNSUPPORTED', { hint: before?.renew });
      this.#dialog.show({ name: 'manual', hint: this.#hint() });
      await this.#store.another(signal);
      return;
    }
    await callPlugin(provider, 'signIn', { timeoutMs: LIMIT_MS, stop: signal }, async stop => {
      const talk = this.#talk();
      await signIn.run(this.options.tools.contexts.signIn(provider, stop, talk));
    });
  }

  #talk(): SignInTalk {
    const { device, tools } = this.options;
    const { hosts } = this.started;
    return talkOf({ device, hosts, scrubber: tools.scrubber, dialog: this.#dialog, signal: this.#abort.signal });
  }

  #hint(): string {
    const { state } = this.keeper.record;
    const { before } = this.#store;
    const hint = before?.renew ?? (state.name === 'halted' && !isPaused(state) ? state.hint : before?.hint);
    return this.#safe(hint || `Sign in with the program of ${this.keeper.record.displayName}.`);
  }

  /** Another account is paused at once: no end of the sign-in or of the daemon may make it count. */
  async #confirm(): Promise<void> {
    const { signal } = this.#abort;
    const other = this.#accounts.other(await this.#store.settled(signal));
    if (other) {
      await this.#accounts.holdBack();
      const answer = await this.#dialog.ask({ name: 'confirm', ...other }, signal);
      this.#dialog.show({ name: 'checking' });
      if (answer !== 'keep') throw new KeepaliveError('KA_LOGIN_OTHER_ACCOUNT');
    }
    this.#keepsAccount = true;
    this.#accounts.accept();
  }

  /** Attempts with the new login. A session that the user has paused is resumed: the user wants it kept alive now. */
  async #prove(verify: () => Promise<void>): Promise<void> {
    const { keeper } = this;
    if (isPaused(keeper.record.state)) await keeper.resume();
    // The user may have paused it again.
    this.#abort.signal.throwIfAborted();
    const waits = mustWaitForVendor(keeper.record, keeper.context());
    const { lastAttempt } = keeper.record;
    if (!waits) await verify();
    const isAttempted = keeper.record.lastAttempt !== lastAttempt;
    const flaw = waits ? WAITS_FOR_VENDOR : flawIn(isAttempted ? keeper.record : {});
    if (flaw !== undefined) throw loginFailed(flaw);
  }

  async #failure(error: unknown): Promise<LoginState> {
    const change = await this.#change();
    // A client cancels without a reason, and a pause or a stop of the daemon does too.
    if (this.#abort.signal.aborted && !isKeepaliveError(error)) return { name: 'cancelled', message: change };
    const known = isKeepaliveError(error) ? error : new KeepaliveError('KA_LOGIN_FAILED');
    const message = this.#safe(describeOurs(known));
    return { name: 'failed', code: known.code, message: `${message} ${change ?? this.#store.unchanged}` };
  }

  /** What the store holds now, if it has changed. The vendor's program may have stored another account by now. */
  async #change(): Promise<string | undefined> {
    const found = await this.#store.find();
    const other = this.#keepsAccount ? undefined : this.#accounts.other(inspectionIn(found));
    if (!other) return this.#store.change(found);
    await this.#accounts.holdBack();
    return this.#accounts.heldBack(other);
  }

  #ended(state: LoginState): LoginState {
    const code = state.name === 'failed' ? state.code : undefined;
    this.options.tools.log.info({ session: this.started.session, state: state.name, code }, 'a sign-in ended');
    return state;
  }

  #safe(text: string): string {
    return printableLine(this.options.tools.scrubber.scrub(text)).slice(0, MAX_TEXT);
  }
}
