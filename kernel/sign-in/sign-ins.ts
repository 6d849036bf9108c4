import { setImmediate as nextTurn } from 'node:timers/promises';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { CheckedParams, RpcClient, StartedLogin } from '../../sdk/contract/rpc.ts';
import { isWatchable } from '../../lifecycle/sign-in.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { SessionTools } from '../session/dependencies.ts';
import type { Keeper } from '../session/keeper.ts';
import { Sessions } from '../session/sessions.ts';
import { ConfirmedAccounts } from './confirmed-accounts.ts';
import { SignIn } from './sign-in.ts';

type Running = { readonly signIn: SignIn; readonly ended: Promise<void> };

/** The sign-ins that are running, one of a session at a time. Each was started by a client. */
@scoped(Lifecycle.ContainerScoped)
export class SignIns {
  /** By session. */
  readonly #running = new Map<string, Running>();
  readonly #accounts = new ConfirmedAccounts();

  constructor(
    @inject(Sessions) private readonly sessions: Sessions,
    @inject(SessionTools) private readonly tools: SessionTools,
    @inject(Scheduler) private readonly scheduler: Scheduler,
  ) {}

  /**
   * Starts a sign-in, in the place of one whose page is closed. Throws `KA_SESSION_NOT_FOUND`, `KA_LOGIN_RUNNING`,
   * `KA_LOGIN_NOT_FOUND`, `KA_LOGIN_UNSUPPORTED` and `KA_LOGIN_UNWATCHED`.
   */
  async start({ id, device = false, login }: CheckedParams<'login/start'>, client: RpcClient): Promise<StartedLogin> {
    if (!client.notify) throw new KeepaliveError('KA_LOGIN_UNWATCHED');
    // It may have ended while its page was not connected, and none begins by itself. After a restart of the daemon, the
    // session may not be there yet.
    if (login !== undefined) return this.#repeat(this.#get(login, client));
    await refuseWithoutStore(this.sessions.get(id));
    for (let running = this.#running.get(id); running; running = this.#running.get(id)) {
      if (client.mayReturn && running.signIn.client === client) return this.#repeat(running.signIn);
      if (running.signIn.client.isHere()) throw new KeepaliveError('KA_LOGIN_RUNNING', { id });
      running.signIn.cancel();
      await running.ended;
    }
    const keeper = this.sessions.get(id);
    if (!keeper.provider.inspect) throw new KeepaliveError('KA_LOGIN_UNSUPPORTED', { id });
    const { tools, scheduler } = this;
    const signIn = new SignIn(keeper, { device, client, tools, scheduler, accounts: this.#accounts });
    this.#running.set(id, { signIn, ended: this.#run(id, signIn) });
    return signIn.started;
  }

  answer({ login, text }: CheckedParams<'login/answer'>, client: RpcClient): void {
    this.#get(login, client).answer(text);
  }

  cancel({ login }: CheckedParams<'login/cancel'>, client: RpcClient): void {
    this.#get(login, client).cancel();
  }

  async #run(id: string, signIn: SignIn): Promise<void> {
    // The client has to know the sign-in before its first state arrives.
    await nextTurn();
    await signIn.run();
    this.#running.delete(id);
  }

  #repeat(signIn: SignIn): StartedLogin {
    setImmediate(() => signIn.repeat());
    return signIn.started;
  }

  /** A sign-in of another client is answered as one that does not exist. */
  #get(login: string, client: RpcClient): SignIn {
    const signIns = [...this.#running.values()].map(({ signIn }) => signIn);
    const found = signIns.find(({ started }) => started.login === login);
    if (!found || found.client !== client) throw new KeepaliveError('KA_LOGIN_NOT_FOUND');
    return found;
  }
}

/** Waiting for a sign-in that no store can show would last until its time limit. */
async function refuseWithoutStore(keeper: Keeper): Promise<void> {
  if (keeper.provider.signIn) return;
  const seen = await keeper.inspect().catch(() => undefined);
  if (isWatchable(seen)) return;
  throw new KeepaliveError('KA_LOGIN_UNSUPPORTED', {
    id: keeper.provider.id,
    ...(seen?.renew !== undefined && { hint: seen.renew }),
  });
}
