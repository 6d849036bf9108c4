import { expect, test } from 'vitest';
import { toMs, type Duration } from '../../sdk/contract/duration.ts';
import { offline } from '../../sdk/contract/errors.ts';
import { intercepted } from '../../sdk/recipes/http/intercepted.ts';
import { Simulation, type Script } from '../support/clock/simulation.ts';

const OUTAGE: Duration = '6h';
const refused: Script = () =>
  Promise.reject(
    new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
  );
const outages: Readonly<Record<string, Script>> = {
  refused,
  unresolvable: () => Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' })),
  'out of order (503)': () => Promise.reject(offline({ status: 503 })),
  'a web page of a proxy': () => Promise.reject(intercepted({ status: 403, reason: 'a web page' })),
  'too busy (429)': () => ({ status: 'rate-limited' }),
  'too busy, with a Retry-After': ({ now }) => ({ status: 'rate-limited', retryAt: new Date(now() + 600_000) }),
  'busy owner': () => ({ status: 'deferred', reason: 'It runs.' }),
};

/** Runs a session through a vendor outage of six hours. Afterwards the vendor gives `answer`. */
async function afterOutage(outage: Script, answer: Script, every: Duration = '30m'): Promise<Simulation> {
  const world: Simulation = new Simulation({
    acme: {
      policy: { schedule: { mode: 'interval', every } },
      refresh: (context, nth) => (world.clock.monotonic() < toMs(OUTAGE) ? outage : answer)(context, nth),
    },
  });
  await world.boot();
  await world.run(OUTAGE);
  return world;
}

test.for(Object.entries(outages))(
  'R7: six hours of %s disable no session, raise no notice, and end within half an hour',
  async ([name, outage], { annotate }) => {
    const world = await afterOutage(outage, () => ({ status: 'fresh' }));
    expect(world.keeper().record.state).toMatchObject({ name: 'waiting', failures: 0 });
    expect(world.calls.length).toBeGreaterThan(10);
    await annotate(`${name}: ${world.calls.length} attempts, 0 counted, 0 notices`);
    await world.run('33m');
    expect(world.keeper().record.state.name).toBe('alive');
    expect(world.raised).toEqual([]);
  },
);

test('R7 control: the same six hours disable the session if the error is not known to be the network', async () => {
  const unrecognized: Script = async (context, nth) => {
    try {
      return await refused(context, nth);
    } catch {
      throw new Error('It did not work.');
    }
  };
  const world = await afterOutage(unrecognized, () => ({ status: 'fresh' }));
  expect(world.keeper().record.state).toMatchObject({ name: 'halted', why: 'too-many-failures', failures: 5 });
  expect(world.raised.map(({ code }) => code)).toEqual(['failing']);
});

test.each(Object.entries(outages))(
  'R7: a failure after six hours of %s gets all its retries, within minutes, even with rare ticks',
  async (_name, outage) => {
    const world = await afterOutage(outage, () => Promise.reject(new Error('What is this?')), '12h');
    await world.run('1h');
    const failed = world.attempts.filter(({ outcome }) => outcome === 'failed').map(({ startedAt }) => startedAt);
    const minutes = failed.slice(1).map((at, index) => Math.floor((at - (failed[index] ?? 0)) / 60_000));
    expect(minutes).toEqual([2, 4, 8]);
  },
);
