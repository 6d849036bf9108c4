import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLog } from '../../runtime/log/log.ts';
import { openStateFile, type StateStore } from '../../state/states.ts';
import { openStates } from '../support/io/open-states.ts';
import { transition } from '../../lifecycle/transition.ts';
import type { Duration } from '../../sdk/contract/duration.ts';
import type { SessionRecord } from '../../sdk/contract/session.ts';
import { locateHome, type Home } from '../../sdk/system/home.ts';
import { temporaryFolder } from '../support/real-context.ts';
import { runs, times } from '../support/runs.ts';
import { Simulation } from '../support/clock/simulation.ts';

type Action =
  | {
      readonly do:
        | 'pause'
        | 'resume'
        | 'enable'
        | 'disable'
        | 'reschedule'
        | 'force'
        | 'look'
        | 'change'
        | 'crash'
        | 'sleep'
        | 'set back';
    }
  | { readonly do: 'wait'; readonly for: Duration }
  | { readonly do: 'answer'; readonly with: unknown };

const answers = fc.constantFrom<unknown>(
  { status: 'fresh' },
  { status: 'refreshed', expiresAt: new Date(Date.UTC(2026, 1, 1)) },
  { status: 'rate-limited', retryAt: new Date(Date.UTC(2026, 0, 5, 14)) },
  { status: 'deferred', reason: 'busy' },
  { status: 'login-required', hint: 'Log in.', proof: 'gone' },
  { status: 'unavailable', hint: 'Install it.' },
  new Error('odd'),
);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom<Duration>('1s', '11s', '50s', '3m', '2h')
      .map(duration => ({ do: 'wait', for: duration }) as const),
  },
  { weight: 6, arbitrary: answers.map(answer => ({ do: 'answer', with: answer }) as const) },
  {
    weight: 9,
    arbitrary: fc
      .constantFrom(
        ...([
          'pause',
          'resume',
          'enable',
          'disable',
          'reschedule',
          'force',
          'look',
          'change',
          'crash',
          'sleep',
          'set back',
        ] as const),
      )
      .map(name => ({ do: name })),
  },
);

/** A simulation in which the test decides when and how each attempt ends. An aborted attempt ends late. */
class RandomSession {
  readonly #open: ((answer: unknown) => void)[] = [];
  #fingerprint = 0;
  paused = false;
  enabled = true;
  readonly world = new Simulation({
    acme: {
      policy: { timeout: '20d' },
      refresh: ({ signal }) =>
        new Promise((resolve, reject) => {
          this.#open.push(answer => (answer instanceof Error ? reject(answer) : resolve(answer)));
          signal.addEventListener('abort', () => setTimeout(reject, 20_000, new Error('aborted')));
        }),
      inspect: async () => ({ present: true, fingerprint: String(this.#fingerprint) }),
    },
  });

  async act(action: Action): Promise<void> {
    const { world } = this;
    const keeper = world.keeper();
    switch (action.do) {
      case 'wait':
        return world.run(action.for);
      case 'answer':
        return this.#open.splice(0).forEach(open => open(action.with));
      case 'pause':
        this.paused = true;
        return keeper.pause();
      case 'resume':
        this.paused = false;
        return keeper.dispatch({ type: 'resume' });
      case 'enable':
        this.enabled = true;
        return world.sessions.configure('acme', { enabled: true });
      case 'disable':
        this.enabled = false;
        return world.sessions.configure('acme', { enabled: false });
      case 'reschedule':
        return world.sessions.configure('acme', { schedule: { mode: 'interval', every: '20m' } });
      case 'force':
      case 'look':
        return void keeper.refresh(action.do === 'force').catch(() => undefined);
      case 'change':
        this.#fingerprint += 1;
        return void keeper.credentialChanged();
      case 'crash':
        this.#open.length = 0;
        return world.crash('1s');
      case 'sleep':
        return world.clock.jump('8h');
      case 'set back':
        return world.clock.jump('2h', -1);
    }
  }

  /** Violated invariants. */
  problems(): readonly string[] {
    const { world, paused, enabled } = this;
    const {
      record,
      record: { state },
    } = world.keeper();
    const isPaused = state.name === 'halted' && state.why === 'paused';
    return [
      isPaused === (paused || !enabled) ? '' : `it is ${state.name}, but paused: ${paused}, enabled: ${enabled}`,
      isDeepStrictEqual(JSON.parse(world.disk.get('acme') ?? '{}'), JSON.parse(JSON.stringify(record)))
        ? ''
        : 'the saved record differs',
      state.name !== 'refreshing' || state.since === record.lastAttemptAt ? '' : 'an attempt that is not the last one',
      world.mostUnderWay <= 1 ? '' : 'two concurrent attempts',
    ].filter(Boolean);
  }

  /** Runs the session undisturbed for longer than any vendor may ask to wait. */
  async leaveAlone(): Promise<void> {
    for (const action of ['enable', 'resume', 'reschedule'] as const) await this.act({ do: action });
    for (let minutes = 0; minutes < 26 * 60; minutes += 10) {
      await this.world.run('10m');
      await this.act({ do: 'answer', with: { status: 'fresh' } });
      await this.world.run('0s');
    }
  }
}

test('R18: in any order of actions a pause wins, the saved record is current, and no session gets stuck', async ({
  annotate,
}) => {
  const seen = { orders: 0, actions: 0, attempts: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40, size: 'max' }), async actions => {
      const subject = new RandomSession();
      await subject.world.boot();
      for (const action of actions) {
        await subject.act(action);
        await subject.world.run('0s');
        expect(subject.problems()).toEqual([]);
      }
      await subject.leaveAlone();
      expect(subject.world.keeper().record.state.name).toBe('alive');
      expect(subject.world.attempts.at(-1)?.endedAt).toBeGreaterThan(subject.world.clock.now() - 3_600_000);
      seen.orders += 1;
      seen.actions += actions.length;
      seen.attempts += subject.world.attempts.length;
    }),
    runs(40, 10_000),
  );
  await annotate(`${seen.orders} orders of ${seen.actions} actions, ${seen.attempts} attempts: 0 stale`);
}, 3_600_000);

test('R18 control: using the session as it was when the attempt began undoes a pause', async () => {
  const subject = new RandomSession();
  await subject.world.boot();
  await subject.world.run('10s');
  const keeper = subject.world.keeper();
  const begun = keeper.record;
  await subject.act({ do: 'pause' });
  await subject.act({ do: 'answer', with: { status: 'fresh' } });
  await subject.world.run('0s');
  expect(subject.problems()).toEqual([]);
  const stale = transition(
    begun,
    { type: 'finish', id: 'acme', reason: 'schedule', result: { outcome: 'fresh' } },
    { policy: keeper.policy.policy, now: subject.world.clock.now(), random: 0 },
  );
  expect(stale.state.name).toBe('alive');
  subject.world.disk.set('acme', JSON.stringify(stale));
  expect(subject.problems()).toEqual(['the saved record differs']);
});

/** The naive version: each put writes immediately, without waiting for other writes. */
function plainStore({ states }: Home): Pick<StateStore, 'put'> {
  const sessions = new Map<string, SessionRecord>();
  return {
    put(id, record) {
      sessions.set(id, record);
      return writeFile(states, JSON.stringify({ version: 1, sessions: Object.fromEntries(sessions), notices: [] }));
    },
  };
}

/** The number of rounds of concurrent puts after which the file does not show the last one. */
async function staleRounds(open: (home: Home) => Promise<Pick<StateStore, 'put'>>, rounds: number): Promise<number> {
  const folder = await temporaryFolder();
  let stale = 0;
  for (let round = 0; round < rounds; round += 1) {
    const home = locateHome({ KEEPALIVE_HOME: join(folder, String(round)) });
    await mkdir(home.stateDir);
    const store = await open(home);
    const puts: Promise<void>[] = [];
    // Later writes are shorter, so that they may end sooner.
    const nth = (n: number): SessionRecord => ({
      displayName: 'x'.repeat((20 - n) * 20_000),
      lastAttemptAt: n,
      state: { name: 'idle', failures: 0, wakeAt: n, wakeWhy: '' },
    });
    for (let n = 1; n <= 20; n += 1) {
      puts.push(store.put('acme', nth(n)));
      if (n % 3 === 0) await new Promise(setImmediate);
    }
    await Promise.all(puts);
    const read = (await openStateFile(home, silentLog())).sessions.get('acme');
    if (!isDeepStrictEqual(read, nth(20))) stale += 1;
  }
  return stale;
}

test('R18: after concurrent puts the file shows the last one; the control, without an order, does not', async ({
  annotate,
}) => {
  const rounds = times(10, 300);
  const ours = await staleRounds(home => openStates(home), rounds);
  const plain = await staleRounds(async home => plainStore(home), rounds);
  await annotate(`${rounds} rounds of 20 writes: ${ours} stale; written as they come: ${plain} stale`);
  expect(ours).toBe(0);
  expect(plain).toBeGreaterThan(0);
});

test('R18: a caller that waits for a write does not wait for later ones', async () => {
  const store = await openStates(locateHome({ KEEPALIVE_HOME: await temporaryFolder() }));
  const record: SessionRecord = { displayName: 'Acme', state: { name: 'idle', failures: 0, wakeAt: 0, wakeWhy: '' } };
  let later = 0;
  const busy = (async () => {
    while (later < 50) {
      await store.put('busy', record);
      later += 1;
    }
  })();
  await store.put('patient', record);
  expect(later).toBeLessThan(5);
  await busy;
});

test('R18: a queued attempt is not made if it was postponed meanwhile', async () => {
  const slow = {
    policy: { timeout: '1h' as const },
    refresh: () =>
      new Promise(resolve => {
        setTimeout(resolve, 600_000, { status: 'fresh' });
      }),
  };
  const world = await new Simulation({
    acme: {
      policy: { schedule: { mode: 'interval', every: '5m' }, minInterval: '5m' },
      refresh: () => ({ status: 'fresh' }),
    },
    one: slow,
    two: slow,
    three: slow,
  }).boot();
  await world.run('12m');
  const { length } = world.callsOf('acme');
  for (const id of ['one', 'two', 'three']) void world.keeper(id).refresh(true);
  await world.run('6m');
  await world.sessions.configure('acme', { minInterval: '1h' });
  await world.run('30m');
  expect(world.callsOf('acme')).toHaveLength(length);
  // The slow ones may be running again when it is due.
  await world.run('45m');
  expect(world.callsOf('acme')).toHaveLength(length + 1);
});

test('R18: the history gives the reason of the attempt, not of one that was never made', async () => {
  let fingerprint = 0;
  const world: Simulation = new Simulation({
    acme: {
      policy: { schedule: { mode: 'interval', every: '1h' } },
      refresh: ({ now }) => ({ status: 'fresh', expiresAt: new Date(now() + 90 * 60_000) }),
      inspect: async () => ({
        present: true,
        fingerprint: String(fingerprint),
        expiresAt: new Date(world.clock.now() + 80 * 60_000),
      }),
    },
  });
  await world.boot();
  await world.run('10m');
  fingerprint += 1;
  await world.keeper().credentialChanged();
  await world.run('1h');
  world.clock.jump('2h');
  // The jump is noticed, and the attempt that it asks for is still to come.
  while (world.keeper().record.nextReason !== 'wake') await world.run('100ms');
  await world.keeper().refresh(true);
  await world.run('1h');
  expect(world.attempts.map(({ reason }) => reason)).toEqual(['schedule', 'schedule', 'manual', 'schedule']);
});

test('R18: a stopped keeper writes nothing, even if a look at the credential ends later', async () => {
  const world = await new Simulation({
    acme: {
      refresh: () => ({ status: 'unavailable', hint: 'Install it.' }),
      inspect: async () => {
        await new Promise(resolve => {
          setTimeout(resolve, 2_000);
        });
        return { present: true };
      },
    },
  }).boot();
  await world.run('1m');
  const changed = world.keeper().credentialChanged();
  await world.sessions.stop();
  const left = world.disk.get('acme');
  await world.run('1m');
  await changed;
  expect(world.disk.get('acme')).toBe(left);
});
