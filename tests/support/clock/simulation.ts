import 'reflect-metadata';
import { WITHOUT_FILE, type ResolvedConfig } from '../../../config/resolve.ts';
import type { Settings } from '../../../state/settings.ts';
import { Events } from '../../../kernel/wiring/tokens.ts';
import { subscribe } from '../../../kernel/start/subscriptions.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { Notices } from '../../../kernel/notices/notices.ts';
import { ContextFactory } from '../../../kernel/plugins/context-factory.ts';
import { createScheduler, type Scheduler } from '../../../kernel/scheduler/scheduler.ts';
import { partialPolicySchema } from '../../../sdk/contract/policy-schema.ts';
import { sessionRecordSchema } from '../../../sdk/contract/session-schema.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';
import type { Keeper } from '../../../kernel/session/keeper.ts';
import { SessionPolicies, SessionRecords, SessionTools } from '../../../kernel/session/dependencies.ts';
import { Sessions } from '../../../kernel/session/sessions.ts';
import { FleetGuard } from '../../../kernel/lease/guard.ts';
import { SignIns } from '../../../kernel/sign-in/sign-ins.ts';
import type { StateStore } from '../../../state/states.ts';
import { toMs, type Duration } from '../../../sdk/contract/duration.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import type { PartialPolicy } from '../../../sdk/contract/policy.ts';
import type { RefreshOutcome, RefreshReason } from '../../../sdk/contract/outcome.ts';
import { defineProvider, type ProviderContext, type ProviderPlugin } from '../../../sdk/plugin/provider.ts';
import type { Attempt, Notice, SessionRecord } from '../../../sdk/contract/session.ts';
import { dueAt } from '../../../sdk/recipes/store/lifetime.ts';
import { makeNotifiers } from '../notifiers.ts';
import { seededRandom, SimulatedClock } from './simulated-clock.ts';

/** What a provider does at its nth call. It may return anything, as a third-party plugin may. */
export type Script = (context: ProviderContext, nth: number) => unknown;
export type Cast = Readonly<
  Record<
    string,
    Partial<Pick<ProviderPlugin, 'inspect' | 'watch' | 'policy' | 'signIn'>> & { readonly refresh: Script }
  >
>;
/** `elapsed` is a time of the monotonic clock. */
export type Call = {
  readonly id: string;
  readonly at: number;
  readonly elapsed: number;
  readonly reason: RefreshReason;
};
export type Options = {
  readonly start?: number;
  readonly seed?: number;
  /** How long a write to the disk takes. */
  readonly diskMs?: number;
  readonly scheduler?: (clock: SimulatedClock) => Scheduler;
  readonly config?: ResolvedConfig;
};

const nothing = () => undefined;
const NO_FLEET = { show: nothing, record: nothing, raise: nothing, clear: nothing };

/** The kernel's real sessions with simulated time, providers, disk and crashes. */
export class Simulation {
  readonly clock: SimulatedClock;
  readonly calls: Call[] = [];
  readonly attempts: Attempt[] = [];
  readonly raised: Notice[] = [];
  readonly cleared: (Notice & { readonly clearedAt: number })[] = [];
  /** What survives a power failure. */
  readonly disk = new Map<string, string>();
  /** How many changes of sessions were saved. */
  saves = 0;
  underWay = 0;
  mostUnderWay = 0;
  readonly #settings = memorySettings();
  #notices: readonly Notice[] = [];
  #sessions: Sessions | undefined;
  #signIns: SignIns | undefined;
  powerOff: () => void = () => undefined;

  constructor(
    private readonly cast: Cast,
    private readonly options: Options = {},
  ) {
    this.clock = new SimulatedClock(options.start);
    this.clock.rule(seededRandom(options.seed ?? 1));
  }

  async boot(): Promise<this> {
    const {
      clock,
      cast,
      options: { scheduler: make = createScheduler, config = WITHOUT_FILE },
    } = this;
    const log = silentLog();
    const events = new Events();
    const scrubber = new Scrubber();
    const options = {
      home: locateHome({ KEEPALIVE_HOME: '/nowhere' }),
      version: '0',
      startedAt: 0,
      env: {},
      armed: true,
    };
    const contexts = new ContextFactory(options, log, scrubber);
    const life = { isDead: false };
    const isDead = () => life.isDead;
    const scheduler = watched(make(clock), clock, isDead);
    const store = this.#store(isDead);
    const tools = new SessionTools(contexts, events, log, new FleetGuard());
    const policies = new SessionPolicies({ current: config }, this.#settings, options);
    const history = { add: async (attempt: Attempt) => void (isDead() || this.attempts.push(attempt)) };
    const sessions = new Sessions(tools, policies, scheduler, new SessionRecords(store, history));
    const notifiers = makeNotifiers({ contexts, log, settings: this.#settings, scheduler });
    const notices = new Notices(store, events, notifiers, log);
    const days = { follow: () => undefined };
    const warmUpNotices = { settle: async () => undefined };
    subscribe(events, { sessions, notices, days, warmUpNotices, fleet: NO_FLEET, announce: () => undefined });
    events.on('raised', notice => void (isDead() || this.raised.push(notice)));
    events.on('cleared', notice => void (isDead() || this.cleared.push({ ...notice, clearedAt: clock.now() })));
    this.#sessions = sessions;
    this.#signIns = new SignIns(sessions, tools, scheduler);
    this.powerOff = () => {
      life.isDead = true;
      this.underWay = 0;
    };
    await sessions.sync(
      Object.entries(cast).map(([id, part]) => ({
        plugin: this.#provider(id, part),
        module: id,
        info: { id, kind: 'provider' as const, module: id, status: 'loaded' as const, loadMs: 0 },
      })),
    );
    await clock.run(0);
    return this;
  }

  /** The active notices. */
  get notices(): readonly Notice[] {
    return this.#notices;
  }

  get sessions(): Sessions {
    if (!this.#sessions) throw new Error('Boot it first.');
    return this.#sessions;
  }

  get signIns(): SignIns {
    if (!this.#signIns) throw new Error('Boot it first.');
    return this.#signIns;
  }

  keeper(id = Object.keys(this.cast)[0] ?? ''): Keeper {
    return this.sessions.get(id);
  }

  run(duration: Duration): Promise<void> {
    return this.clock.run(toMs(duration));
  }

  /** A power failure. The daemon starts again after this time. */
  async crash(downFor: Duration = '0s'): Promise<void> {
    this.powerOff();
    await this.run(downFor);
    await this.boot();
  }

  callsOf(id: string): readonly Call[] {
    return this.calls.filter(call => call.id === id);
  }

  /** The shortest time between two calls of one session, by the monotonic clock. */
  shortestGap(id: string): number {
    const calls = this.callsOf(id);
    return calls
      .slice(1)
      .reduce((least, { elapsed }, index) => Math.min(least, elapsed - (calls[index]?.elapsed ?? -Infinity)), Infinity);
  }

  #provider(id: string, { refresh, ...rest }: Cast[string]): ProviderPlugin {
    let nth = this.callsOf(id).length;
    return defineProvider({
      id,
      displayName: id,
      ...rest,
      refresh: async context => {
        this.calls.push({ id, at: this.clock.now(), elapsed: this.clock.monotonic(), reason: context.reason });
        nth += 1;
        this.underWay += 1;
        this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
        try {
          return (await refresh(context, nth)) as RefreshOutcome;
        } finally {
          this.underWay -= 1;
        }
      },
    });
  }

  #store(isDead: () => boolean): StateStore {
    const {
      disk,
      options: { diskMs },
    } = this;
    const read = (text: string): SessionRecord => sessionRecordSchema.parse(JSON.parse(text));
    const sessions = new Map([...disk].map(([id, text]) => [id, read(text)]));
    const notices = () => this.#notices;
    return {
      sessions,
      get notices() {
        return notices();
      },
      put: async (id, record) => {
        if (sessions.get(id) !== record) this.saves += 1;
        sessions.set(id, record);
        await (diskMs
          ? new Promise(resolve => {
              setTimeout(resolve, diskMs);
            })
          : Promise.resolve());
        if (!isDead()) disk.set(id, JSON.stringify(sessions.get(id)));
      },
      raise: async notice => {
        if (!isDead()) this.#notices = [...this.#notices.filter(({ id }) => id !== notice.id), notice];
      },
      clear: async id => {
        if (!isDead()) this.#notices = this.#notices.filter(notice => notice.id !== id);
      },
      setStoppedAt: async () => undefined,
      remove: async () => undefined,
      setKept: async () => undefined,
      flush: async () => undefined,
      close: async () => undefined,
    };
  }
}

function memorySettings(): Settings {
  const sessions = new Map<string, PartialPolicy>();
  return {
    of: id => sessions.get(id) ?? {},
    change: async (id, patch) => void sessions.set(id, partialPolicySchema.parse({ ...sessions.get(id), ...patch })),
    isNotifierOn: () => true,
    switchNotifier: async () => undefined,
    added: [],
    add: async () => undefined,
    remove: async () => undefined,
  };
}

/** Time stands still until the work of an alarm or a jump is done. After a crash, alarms and jumps do nothing. */
function watched(scheduler: Scheduler, clock: SimulatedClock, isDead: () => boolean): Scheduler {
  return {
    at: (at, task) =>
      scheduler.at(at, () => {
        if (isDead()) return;
        clock.touch();
        task();
      }),
    onJump: listener =>
      scheduler.onJump(by => {
        if (isDead()) return;
        clock.touch();
        listener(by);
      }),
    onNetworkChange: listener => scheduler.onNetworkChange(() => void (isDead() || listener())),
    stop: () => scheduler.stop(),
  };
}

/** A credential of a healthy vendor that lives for `lifeMs`. It is renewed when the SDK's recipes consider it due. */
export function healthy(
  clock: () => number,
  lifeMs: number,
): {
  readonly script: Script;
  readonly renewals: { readonly at: number; readonly share: number; readonly late: boolean }[];
} {
  let expiresAt = 0;
  const renewals: { at: number; share: number; late: boolean }[] = [];
  const script: Script = ({ refreshBefore, last }) => {
    const now = clock();
    if (now < (dueAt({ expiresAt: new Date(expiresAt), last }, refreshBefore) ?? 0))
      return { status: 'fresh', expiresAt: new Date(expiresAt) };
    if (expiresAt > 0) renewals.push({ at: now, share: 1 - (expiresAt - now) / lifeMs, late: now >= expiresAt });
    expiresAt = now + lifeMs;
    return { status: 'refreshed', expiresAt: new Date(expiresAt) };
  };
  return { script, renewals };
}
