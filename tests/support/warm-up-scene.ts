import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { OwnerProgram, WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import type { RunningProcess } from '../../sdk/plugin/process.ts';
import { fakeContext } from '../../sdk/testing/context.ts';
import { fakeFiles, type FakeFiles } from '../../sdk/testing/files.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import { locateHome } from '../../sdk/system/home.ts';
import type { Driver, DriverContext, Sent } from '../../plugins/warmup/driver.ts';
import { optionsSchema, settingsOf, type WarmUpOptions } from '../../plugins/warmup/options.ts';
import { Runner, type RunnerContext } from '../../plugins/warmup/runner.ts';
import { stateSchema, type State } from '../../plugins/warmup/state.ts';

export const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 5, 0, 0);

/** What the rest of the world looks like to a warm-up. A test changes it while the warm-up runs. */
export type Scene = {
  now: number;
  /** The time that really passed, by a clock that cannot be set. */
  real: number;
  session: Session | undefined;
  program: OwnerProgram;
  /** By session, if they differ. */
  programs?: Readonly<Record<string, OwnerProgram>>;
  processes: readonly RunningProcess[] | undefined;
  /** What a prompt does. */
  sent: () => Sent | Promise<Sent>;
  readonly look: Driver['look'];
  readonly files: FakeFiles;
  /** When prompts were sent. */
  readonly prompts: { readonly at: number; readonly real: number; readonly context: DriverContext }[];
  /** What `session/refresh` does to the session. */
  refresh: (session: Session) => Session;
  readonly requests: string[];
  readonly runs: WarmUpRun[];
};

type Given = Partial<Omit<Scene, 'prompts' | 'requests' | 'runs'>>;

/** Alive for a long time. */
export const aliveSession = (id = 'claude', provider = 'claude'): Session => ({
  id,
  provider,
  displayName: 'Claude Code',
  method: 'touch',
  policy: {} as Session['policy'],
  state: { name: 'alive', wakeAt: START + 1_000 * HOUR_MS, wakeWhy: '', failures: 0 } as Session['state'],
});

export function warmUpScene(given: Given = {}): Scene {
  return {
    now: START,
    real: given.now ?? START,
    session: aliveSession(),
    program: { program: '/bin/claude', variables: {}, account: 'account' },
    processes: [],
    sent: () => ({ result: 'answered', windows: [] }),
    refresh: session => session,
    look: undefined,
    files: fakeFiles(),
    prompts: [],
    requests: [],
    runs: [],
    ...given,
  };
}

/** What is in `warmup.json`. */
export async function warmUpState({ files }: Pick<Scene, 'files'>): Promise<State> {
  return stateSchema.parse(JSON.parse((await files.read(locateHome().warmUps)) ?? ''));
}

type Alarm = { readonly at: number; readonly call: () => void };

/** The daemon's process: its alarms, and what its warm-ups share. */
export class WarmUpProcess {
  readonly #alarms = new Set<Alarm>();
  readonly #runners = new Set<Runner>();
  readonly #ended = new Set<AbortController>();
  readonly #files: Files;
  readonly scene: Scene;

  constructor(scene: Scene) {
    this.scene = scene;
    this.#files = { ...scene.files, prepare: (path, options) => scene.files.prepare(path, options) };
  }

  /** Starts a warm-up. Returns what ends it alone. */
  async start(given: Partial<WarmUpOptions> = {}): Promise<() => Promise<void>> {
    const options = { id: 'morning', session: 'claude', at: ['06:00'], timezone: 'UTC', ...given };
    const settings = settingsOf(optionsSchema.parse(options));
    const ended = new AbortController();
    const { scene } = this;
    const runner = new Runner(
      {
        settings,
        drivers: { claude: async () => driverOf(scene) },
        uptimeMs: () => scene.real,
        onRun: run => void scene.runs.push(run),
      },
      this.#context(ended.signal),
    );
    this.#runners.add(runner);
    this.#ended.add(ended);
    await runner.start();
    return async () => {
      ended.abort();
      await runner.stop();
      this.#runners.delete(runner);
    };
  }

  /** Goes to a time, and lets everything due by then run. */
  async until(time: number): Promise<void> {
    for (;;) {
      const [due] = [...this.#alarms].filter(({ at }) => at <= time).toSorted((a, b) => a.at - b.at);
      if (!due) break;
      this.#pass(Math.max(0, due.at - this.scene.now));
      await this.#ring([...this.#alarms].filter(({ at }) => at <= this.scene.now));
    }
    this.#pass(Math.max(0, time - this.scene.now));
  }

  /** Sleeps until a time. What was due meanwhile is late. */
  async sleepUntil(time: number): Promise<void> {
    this.#pass(time - this.scene.now);
    await this.until(time);
  }

  /** Sets the clock. As in the kernel, alarms ring if it is set back. */
  async setClock(time: number): Promise<void> {
    const isBack = time < this.scene.now;
    this.scene.now = time;
    await (isBack ? this.#ring([...this.#alarms]) : this.until(time));
  }

  /** Rings what is due without waiting for what it does. */
  async ringAt(time: number): Promise<void> {
    this.#pass(time - this.scene.now);
    for (const alarm of [...this.#alarms].filter(({ at }) => at <= time)) this.#call(alarm);
  }

  /** Ends it as a kill does: nothing is waited for. */
  kill(): void {
    this.#alarms.clear();
    for (const one of this.#ended) one.abort();
  }

  async stop(): Promise<void> {
    this.kill();
    await this.#settled();
  }

  #pass(ms: number): void {
    this.scene.now += ms;
    this.scene.real += ms;
  }

  async #ring(due: readonly Alarm[]): Promise<void> {
    for (const alarm of due) this.#call(alarm);
    await this.#settled();
  }

  #call(alarm: Alarm): void {
    if (this.#alarms.delete(alarm)) alarm.call();
  }

  async #settled(): Promise<void> {
    await Promise.all([...this.#runners].map(runner => runner.settled()));
  }

  #context(signal: AbortSignal): RunnerContext {
    const { scene } = this;
    const fake = fakeContext({ now: () => scene.now });
    return {
      client: clientOf(scene),
      log: fake.log,
      signal,
      machine: {
        ...fake,
        files: this.#files,
        async processes() {
          if (!scene.processes) throw new Error('They cannot be listed.');
          return scene.processes;
        },
        at: (at, call) => {
          const alarm = { at, call };
          this.#alarms.add(alarm);
          return () => void this.#alarms.delete(alarm);
        },
      },
    };
  }
}

/** A warm-up that runs in the scene from now on, in its own process. */
export async function startWarmUp(scene: Scene, given: Partial<WarmUpOptions> = {}): Promise<WarmUpProcess> {
  const process = new WarmUpProcess(scene);
  await process.start(given);
  return process;
}

const driverOf = (scene: Scene): Driver => ({
  costOf: () => ({ command: ['claude'], tokens: '', terms: '' }),
  ...(scene.look && { look: scene.look }),
  async send(sending) {
    scene.prompts.push({ at: scene.now, real: scene.real, context: sending });
    return scene.sent();
  },
});

/** The daemon, as far as a warm-up asks it. */
function clientOf(scene: Scene): KeepaliveClient {
  const answer = (method: string, id: string) => {
    if (method === 'session/program') return scene.programs?.[id] ?? scene.program;
    if (!scene.session) throw new KeepaliveError('KA_SESSION_NOT_FOUND', { id });
    if (method === 'session/refresh') scene.session = scene.refresh(scene.session);
    return { ...scene.session, id };
  };
  const request = async (method: string, { id }: { readonly id: string }) => {
    scene.requests.push(method);
    return answer(method, id);
  };
  return { request: request as KeepaliveClient['request'] } as KeepaliveClient;
}

/** What each run did, or why it was skipped. */
export const reported = ({ runs }: Scene): readonly string[] => runs.map(({ result, reason }) => reason ?? result);
