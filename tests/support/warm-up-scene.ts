import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { SessionProgram, WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import type { RunningProcess } from '../../sdk/plugin/process.ts';
import { fakeContext } from '../../sdk/testing/context.ts';
import { fakeFiles, type FakeFiles } from '../../sdk/testing/files.ts';
import type { Driver, DriverContext, Sent } from '../../plugins/warmup/driver.ts';
import { optionsSchema, settingsOf, type WarmUpOptions } from '../../plugins/warmup/options.ts';
import { Runner, type RunnerContext } from '../../plugins/warmup/runner.ts';

export const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 5, 0, 0);

/** What the rest of the world looks like to a warm-up. A test changes it while the warm-up runs. */
export type Scene = {
  now: number;
  session: Session | undefined;
  program: SessionProgram;
  processes: readonly RunningProcess[] | undefined;
  /** What a prompt does. */
  sent: () => Sent | Promise<Sent>;
  readonly look: Driver['look'];
  readonly files: FakeFiles;
  /** When prompts were sent. */
  readonly prompts: { readonly at: number; readonly context: DriverContext }[];
  readonly requests: string[];
  readonly runs: WarmUpRun[];
};

type Given = Partial<Pick<Scene, 'now' | 'sent' | 'look' | 'files' | 'processes'>>;

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
    session: aliveSession(),
    program: { program: '/bin/claude', variables: {}, account: 'account' },
    processes: [],
    sent: () => ({ result: 'answered', windows: [] }),
    look: undefined,
    files: fakeFiles(),
    prompts: [],
    requests: [],
    runs: [],
    ...given,
  };
}

export type WarmUpUnderTest = {
  /** Goes to a time, and lets everything due by then run. */
  readonly until: (time: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A warm-up that runs in the scene from now on. */
export async function startWarmUp(scene: Scene, given: Partial<WarmUpOptions> = {}): Promise<WarmUpUnderTest> {
  const options = { id: 'morning', session: 'claude', at: ['06:00'], timezone: 'UTC', ...given };
  const settings = settingsOf(optionsSchema.parse(options));
  const alarms = new Set<{ readonly at: number; readonly call: () => void }>();
  const ended = new AbortController();
  const fake = fakeContext({ now: () => scene.now });
  const context: RunnerContext = {
    client: clientOf(scene),
    log: fake.log,
    signal: ended.signal,
    machine: {
      ...fake,
      files: scene.files,
      async processes() {
        if (!scene.processes) throw new Error('They cannot be listed.');
        return scene.processes;
      },
      at(at, call) {
        const alarm = { at, call };
        alarms.add(alarm);
        return () => void alarms.delete(alarm);
      },
    },
  };
  const driver: Driver = {
    costOf: () => ({ command: ['claude'], tokens: '', terms: '' }),
    ...(scene.look && { look: scene.look }),
    async send(sending) {
      scene.prompts.push({ at: scene.now, context: sending });
      return scene.sent();
    },
  };
  const drivers = { claude: async () => driver };
  const runner = new Runner({ settings, drivers, onRun: run => void scene.runs.push(run) }, context);
  await runner.start();
  return {
    async until(time) {
      for (;;) {
        const [due] = [...alarms].filter(({ at }) => at <= time).toSorted((a, b) => a.at - b.at);
        if (!due) break;
        alarms.delete(due);
        scene.now = Math.max(scene.now, due.at);
        due.call();
        await runner.settled();
      }
      scene.now = Math.max(scene.now, time);
    },
    async stop() {
      ended.abort();
      await runner.stop();
    },
  };
}

/** The daemon, as far as a warm-up asks it. */
function clientOf(scene: Scene): KeepaliveClient {
  const answer = (method: string) => {
    if (method === 'session/program') return scene.program;
    if (!scene.session) throw new KeepaliveError('KA_SESSION_NOT_FOUND', { id: 'claude' });
    return scene.session;
  };
  const request = async (method: string) => {
    scene.requests.push(method);
    return answer(method);
  };
  return { request: request as KeepaliveClient['request'] } as KeepaliveClient;
}
