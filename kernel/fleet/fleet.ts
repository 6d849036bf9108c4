import { isDeepStrictEqual } from 'node:util';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { noticeSchema } from '../../sdk/contract/notice-schema.ts';
import { attemptSchema, sessionSchema } from '../../sdk/contract/session-schema.ts';
import type { CheckedParams, FleetAttempt, FleetMachine } from '../../sdk/contract/rpc.ts';
import type { Attempt, Notice, Session } from '../../sdk/contract/session.ts';
import type { FleetConnection, FleetPlugin, FleetTrouble, Letter, Share } from '../../sdk/plugin/fleet.ts';
import type { ResolvedConfig } from '../../config/resolve.ts';
import { nameOf } from '../lease/guard.ts';
import { RemoteCalls } from './remote-calls.ts';
import { ThisMachine } from './this-machine.ts';
import { FleetTools } from './tools.ts';
import { UnreachableNotice } from './unreachable-notice.ts';

const DEFAULT_LIMIT = 100;

type Current = {
  readonly plugin: FleetPlugin;
  readonly connection: FleetConnection;
  readonly instance: string;
  readonly ends: Cleanup[];
};

/** The other machines: shows them what happens here, and this machine what happens there. */
@scoped(Lifecycle.ContainerScoped)
export class Fleet {
  #wanted: ResolvedConfig['fleet'];
  #current: Promise<Current> | undefined;
  #connection: FleetConnection | undefined;
  /** The former fleet is left, once no attempt holds a right of it. */
  #leaving: Promise<void> = Promise.resolve();

  constructor(
    @inject(FleetTools) private readonly tools: FleetTools,
    @inject(ThisMachine) private readonly here: ThisMachine,
    @inject(UnreachableNotice) private readonly notice: UnreachableNotice,
    @inject(RemoteCalls) private readonly calls: RemoteCalls,
  ) {}

  /** Uses the fleet of a configuration from now on: each attempt asks it. It connects when it must. */
  async configure(wanted: ResolvedConfig['fleet']): Promise<void> {
    // An earlier run may have left what it knew of other machines.
    if (!wanted) this.here.sessions.setRemoteShares(new Map());
    if (isDeepStrictEqual(wanted, this.#wanted)) return;
    this.#leaving = this.#leave();
    this.#wanted = wanted;
    this.here.guard.use(
      wanted &&
        (async () => {
          const { plugin, connection, instance } = await this.#opened(wanted);
          return { lease: connection.lease, instance, machine: plugin.machine };
        }),
    );
  }

  /** Shows the fleet what happens here, and follows it. Resolves when that has begun. Never rejects. */
  async follow(): Promise<void> {
    const wanted = this.#wanted;
    if (!wanted || this.#connection) return;
    try {
      const current = await this.#opened(wanted);
      if (this.#wanted === wanted && !this.#connection) this.#follow(current);
    } catch (error) {
      this.tools.log.error({ err: error }, 'the plugin of the fleet could not be started');
      this.#noteTrouble(NOT_STARTED);
    }
  }

  async stop(): Promise<void> {
    this.#wanted = undefined;
    this.here.guard.use(undefined);
    await this.#leave();
  }

  /** At once for all that asks the fleet from now on. */
  async #leave(): Promise<void> {
    const opened = this.#current;
    this.calls.end();
    this.#current = undefined;
    this.#connection = undefined;
    this.#noteTrouble(undefined);
    const current = await opened?.catch(() => undefined);
    for (const end of current?.ends ?? []) await end();
    // A lease that is given up during an attempt would let another machine spend the same token.
    await this.here.guard.settled();
    await current?.connection.close();
  }

  show(session: Session): void {
    this.#connection?.directory.putSession(session);
  }

  /** Removes the sessions that are no longer kept. */
  remove(id: string): void {
    this.#connection?.directory.removeSession(id);
  }

  record(attempt: Attempt): void {
    this.#connection?.directory.record(attempt);
  }

  raise(notice: Notice): void {
    if (notice.code !== 'recovered') this.#connection?.directory.putNotice(notice);
  }

  clear({ id }: Notice): void {
    this.#connection?.directory.removeNotice(id);
  }

  async list(): Promise<readonly FleetMachine[]> {
    if (!this.#wanted) return [];
    const machines = await (await this.#opened(this.#wanted)).connection.directory.list();
    return machines.map(understood);
  }

  async history({
    machine,
    id,
    limit = DEFAULT_LIMIT,
  }: CheckedParams<'fleet/history'>): Promise<readonly FleetAttempt[]> {
    if (!this.#wanted) return [];
    const attempts = await (await this.#opened(this.#wanted)).connection.directory.history({ machine, id, limit });
    return attempts.filter(({ attempt }) => attemptSchema.safeParse(attempt).success);
  }

  /** Throws `KA_FLEET_NONE`. */
  async current(): Promise<Pick<Current, 'plugin' | 'connection'>> {
    if (!this.#wanted) throw new KeepaliveError('KA_FLEET_NONE');
    return this.#opened(this.#wanted);
  }

  #opened(wanted: NonNullable<ResolvedConfig['fleet']>): Promise<Current> {
    return (this.#current ??= this.#open(wanted));
  }

  async #open(wanted: NonNullable<ResolvedConfig['fleet']>): Promise<Current> {
    await this.#leaving;
    const plugin = await this.tools.load(wanted);
    const context = await this.tools.context(plugin);
    const connection = plugin.open(context);
    // A kernel that serves one command converses too.
    const ends = [connection.directory.onLetter(letter => this.#answer({ plugin, connection }, letter))];
    return { plugin, connection, instance: context.instance, ends };
  }

  /** Shows the fleet everything, and follows it. */
  #follow({ plugin: { machine }, connection, instance, ends }: Current): void {
    const { lease, directory } = connection;
    this.#connection = connection;
    this.here.guard.follow({ lease, instance, machine });
    for (const keeper of this.here.sessions.all()) directory.putSession(keeper.session);
    for (const notice of this.here.notices.list()) directory.putNotice(notice);
    this.here.sessions.showLogins();
    ends.push(
      lease.onShares(all => this.#noteShares(all.filter(share => !isOwn(share, machine)))),
      directory.onChange(() => this.here.events.emit('fleetChanged')),
      connection.onTrouble(trouble => this.#noteTrouble(trouble)),
    );
  }

  #answer(fleet: Pick<Current, 'plugin' | 'connection'>, letter: Letter): void {
    this.calls
      .receive(fleet, letter)
      .catch((error: unknown) => this.tools.log.warn({ err: error }, 'a message of another machine was not answered'));
  }

  #noteShares(shares: readonly Share[]): void {
    const remote = shares.map(
      ({ session, other, holder, spent, isSameStore }) =>
        [session, { other: nameOf(other), isHolder: holder === 'other', spent, isSameStore }] as const,
    );
    this.here.sessions.setRemoteShares(new Map(remote));
  }

  #noteTrouble(trouble: FleetTrouble | undefined): void {
    if (this.#connection) this.here.events.emit('fleetChanged');
    this.notice.note(trouble);
  }
}

const NOT_STARTED: FleetTrouble = {
  reason: 'its plugin could not be started',
  action: 'The log of the daemon says why.',
  isLasting: true,
};

/** An older copy of a login is back in the store of the session that renewed it. No other session is concerned. */
const isOwn = ({ session, other }: Share, machine: string): boolean =>
  other.machine === machine && other.session === session;

/** A newer version may show what this one does not know, and the database may be written by hand. */
function understood(machine: FleetMachine): FleetMachine {
  const sessions = machine.sessions.filter(session => sessionSchema.safeParse(session).success);
  const notices = machine.notices.filter(notice => noticeSchema.safeParse(notice).success);
  return { ...machine, sessions, notices };
}
