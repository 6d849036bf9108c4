import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UsageWindow } from '../../sdk/contract/rpc.ts';
import type { Sent } from '../../plugins/warmup/driver.ts';
import { optionsSchema, settingsOf } from '../../plugins/warmup/options.ts';
import { timesAfter } from '../../plugins/warmup/plan.ts';
import { changeState } from '../../plugins/warmup/store.ts';
import { withWarmUp } from '../../plugins/warmup/state.ts';
import { HOUR_MS, WarmUpProcess, warmUpScene, type Scene } from '../support/warm-up-scene.ts';
import { IS_TORTURE, runs } from '../support/runs.ts';

// The worlds of the short run are the same each time.
const SEED = IS_TORTURE ? {} : { seed: 25 };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
const WINDOW_MS = 5 * HOUR_MS;

type Answer = 'windows' | 'nothing' | 'nonsense' | 'refusal' | 'lost' | 'killed';
type Action =
  | { readonly do: 'run' | 'sleep'; readonly ms: number }
  | { readonly do: 'restart' | 'kill' | 'resume' | 'person' | 'right clock' }
  | { readonly do: 'answer'; readonly with: Answer }
  | { readonly do: 'clock'; readonly by: number };

const hours = fc.double({ min: 0.1, max: 30, noNaN: true }).map(one => Math.round(one * 60) * MINUTE_MS);
const daily: readonly (readonly [number, fc.Arbitrary<Action>])[] = [
  [8, hours.map(ms => ({ do: 'run', ms }))],
  [3, hours.map(ms => ({ do: 'sleep', ms }))],
  [4, fc.constantFrom('restart', 'kill', 'resume', 'person').map(name => ({ do: name }))],
  [
    3,
    fc
      .constantFrom<Answer>('windows', 'windows', 'nothing', 'nonsense', 'refusal', 'lost', 'killed')
      .map(answer => ({ do: 'answer', with: answer })),
  ],
];
const clocks: readonly (readonly [number, fc.Arbitrary<Action>])[] = [
  [
    2,
    fc.constantFrom(-DAY_MS, -HOUR_MS, -7 * MINUTE_MS, HOUR_MS, DAY_MS, 10 * DAY_MS).map(by => ({ do: 'clock', by })),
  ],
  [1, fc.constant({ do: 'right clock' })],
];
const anyOf = (actions: typeof daily): fc.Arbitrary<readonly Action[]> => {
  const weighted = actions.map(([weight, arbitrary]) => ({ weight, arbitrary }));
  return fc.array(fc.oneof(...weighted), { minLength: 5, maxLength: 30 });
};

const plans = fc.record({
  at: fc.uniqueArray(fc.constantFrom('00:10', '05:00', '06:00', '06:01', '09:30', '11:00', '16:00', '23:55'), {
    minLength: 1,
    maxLength: 4,
  }),
  missed: fc.constantFrom<('skip' | '30m' | '3h')[]>('skip', '30m', '3h'),
  perDay: fc.constantFrom(1, 3, 24),
  timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe'),
});
const given = (actions: typeof daily) =>
  fc.record({ plans: fc.array(plans, { minLength: 1, maxLength: 2 }), looks: fc.boolean(), actions: anyOf(actions) });
type Given = ReturnType<typeof given> extends fc.Arbitrary<infer T> ? T : never;

/** A vendor on a clock that is right, the machine on one that may be wrong, and two warm-ups of one account. */
class World {
  readonly scene: Scene;
  /** The vendor's windows, each from its first prompt on. */
  readonly windows: { readonly by: 'warm-up' | 'person'; readonly startsAt: number; readonly resetsAt: number }[] = [];
  /** Prompts that were sent into a window which a warm-up had begun. */
  inOwnWindow = 0;
  /** Prompts that were sent because a warm-up started. */
  sentAtStart = 0;
  readonly restartedAt: number[] = [];
  readonly reported: { readonly real: number; readonly clock: number; readonly window: UsageWindow }[] = [];
  #answer: Answer = 'windows';
  #killed = false;
  #process: WarmUpProcess;

  constructor(private readonly given: Given) {
    this.scene = warmUpScene({
      sent: () => this.#prompt(),
      look: given.looks ? async () => this.#reports() : undefined,
    });
    this.#process = new WarmUpProcess(this.scene);
  }

  async live(): Promise<void> {
    await this.#start();
    for (const action of this.given.actions) {
      await this.#act(action);
      if (this.#killed) await this.#restart();
    }
    await this.#process.stop();
  }

  async #act(action: Action): Promise<void> {
    const { scene } = this;
    switch (action.do) {
      case 'run':
        return this.#process.until(scene.now + action.ms);
      case 'sleep':
        return this.#process.sleepUntil(scene.now + action.ms);
      case 'clock':
        return this.#process.setClock(scene.now + action.by);
      case 'right clock':
        return this.#process.setClock(scene.real);
      case 'answer':
        this.#answer = action.with;
        return;
      case 'person':
        this.#use('person');
        return;
      case 'resume':
        for (const id of this.#ids)
          await changeState(scene, state => withWarmUp(state, id, { paused: undefined, withoutEffect: 0 }));
        return;
      case 'kill':
        this.#process.kill();
        return this.#restart();
      case 'restart':
        await this.#process.stop();
        return this.#restart();
    }
  }

  get #ids(): readonly string[] {
    return this.given.plans.map((_, nth) => `plan-${nth}`);
  }

  async #start(): Promise<void> {
    const before = this.scene.prompts.length;
    for (const [nth, plan] of this.given.plans.entries()) await this.#process.start({ id: `plan-${nth}`, ...plan });
    this.sentAtStart += this.scene.prompts.length - before;
  }

  async #restart(): Promise<void> {
    this.#killed = false;
    this.restartedAt.push(this.scene.real);
    this.#process = new WarmUpProcess(this.scene);
    await this.#start();
  }

  /** A prompt reaches the vendor, whatever becomes of its answer. */
  #prompt(): Sent | Promise<Sent> {
    this.#use('warm-up');
    if (this.#answer === 'killed') {
      this.#killed = true;
      this.#process.kill();
      return new Promise(() => undefined);
    }
    if (this.#answer === 'lost') throw new Error('The answer was lost.');
    if (this.#answer === 'refusal') return { result: 'refused', reason: 'No.', windows: [] };
    if (this.#answer === 'nothing') return { result: 'answered', windows: [] };
    if (this.#answer === 'nonsense')
      return {
        result: 'answered',
        windows: [
          { kind: 'short', resetsAt: NaN },
          { kind: 'short', resetsAt: 4e12 },
        ],
      };
    return { result: 'answered', windows: this.#reports() };
  }

  #use(by: 'warm-up' | 'person'): void {
    const { real } = this.scene;
    const last = this.windows.at(-1);
    if (last && real < last.resetsAt) {
      if (by === 'warm-up' && last.by === 'warm-up') this.inOwnWindow += 1;
      return;
    }
    // Our window is counted from the prompt, not from the hour: that is the harder case.
    this.windows.push({ by, startsAt: real, resetsAt: real + WINDOW_MS });
  }

  #reports(): readonly UsageWindow[] {
    const last = this.windows.at(-1);
    if (!last || last.resetsAt <= this.scene.real) return [];
    const window: UsageWindow = { kind: 'short', startsAt: last.startsAt, resetsAt: last.resetsAt };
    this.reported.push({ real: this.scene.real, clock: this.scene.now, window });
    return [window];
  }
}

async function lived(world: World): Promise<World> {
  await world.live();
  return world;
}

/** The planned times that no record tells of. */
function forgotten({ scene }: World, plan: Given['plans'][number], id: string): readonly number[] {
  const settings = settingsOf(optionsSchema.parse({ id, session: 'claude', ...plan }));
  const from = Date.UTC(2026, 0, 5);
  const own = scene.runs.filter(run => run.id === id);
  const last = own.at(-1)?.plannedAt ?? 0;
  const days = Math.ceil(Math.max(0, last - from) / DAY_MS) + 1;
  return timesAfter(settings, from, days * plan.at.length).filter(at => {
    if (at > last || own.some(({ plannedAt }) => plannedAt === at)) return false;
    const next = own.find(({ plannedAt }) => plannedAt > at);
    const before = own.findLast(({ plannedAt }) => plannedAt < at);
    return !next?.message.includes(' passed too.') && !before?.message.includes('ended before the answer');
  });
}

test('R25: with a right clock, no prompt is sent into a window that a warm-up began, and no time is forgotten', async ({
  annotate,
}) => {
  const seen = { worlds: 0, prompts: 0, skipped: 0 };
  await fc.assert(
    fc.asyncProperty(given(daily), async one => {
      const world = await lived(new World(one));
      const { prompts, runs: recorded } = world.scene;
      expect([world.inOwnWindow, world.sentAtStart]).toEqual([0, 0]);
      for (const [nth, plan] of one.plans.entries()) expect(forgotten(world, plan, `plan-${nth}`)).toEqual([]);
      seen.worlds += 1;
      seen.prompts += prompts.length;
      seen.skipped += recorded.filter(({ result }) => result === 'skipped').length;
    }),
    { ...runs(25, 2_000), ...SEED },
  );
  expect(seen.prompts).toBeGreaterThan(seen.worlds);
  await annotate(`${seen.worlds} worlds, ${seen.prompts} prompts, ${seen.skipped} skipped times, 0 in one window`);
}, 3_600_000);

/** How long after a prompt the next one may be sent: less than a window if the vendor reported an earlier reset. */
function leastGap({ reported }: World, from: Scene['prompts'][number], to: Scene['prompts'][number]): number {
  const since = reported.filter(({ real }) => real >= from.real && real < to.real);
  const left = since.map(({ clock, window }) => window.resetsAt - Math.max(clock, from.at));
  return Math.min(WINDOW_MS, ...left.filter(ms => ms > 0)) - MINUTE_MS;
}

test('R25: prompts are five hours apart while the clock is set', async ({ annotate }) => {
  const seen = { worlds: 0, pairs: 0 };
  await fc.assert(
    fc.asyncProperty(given([...daily, ...clocks]), async one => {
      const world = await lived(new World(one));
      const { prompts } = world.scene;
      expect(world.sentAtStart).toBe(0);
      for (const [nth, next] of prompts.entries()) {
        const before = prompts[nth - 1];
        if (!before) continue;
        // What a clock that is set ahead between two runs of the daemon hides cannot be known.
        const isAhead = next.at - next.real > before.at - before.real;
        if (isAhead && world.restartedAt.some(at => at >= before.real && at <= next.real)) continue;
        seen.pairs += 1;
        expect(next.real - before.real).toBeGreaterThanOrEqual(leastGap(world, before, next));
      }
      seen.worlds += 1;
    }),
    { ...runs(25, 2_000), ...SEED },
  );
  expect(seen.pairs).toBeGreaterThan(seen.worlds / 2);
  await annotate(`${seen.worlds} worlds, ${seen.pairs} pairs of prompts, never in one window`);
}, 3_600_000);
