import { describe, expect, test } from 'vitest';
import type { Lease, Share } from '../../../sdk/plugin/fleet.ts';
import { holding, sharesOf, shownBy, type Machine, type TestFleet } from './machines.ts';
import { attempt, notice, session } from './shown.ts';

/** What every fleet must do, in memory or in a database. */
export function testFleet(kind: 'PostgreSQL' | 'memory', make: () => Promise<TestFleet>): void {
  const machines = async (...names: readonly string[]) => {
    const fleet = await make();
    const opened = await Promise.all(names.map(one => fleet.open(one)));
    for (const { lease } of opened) sharesOf(lease);
    return { fleet, opened, machine: (nth: number): Machine => opened[nth] ?? never() };
  };
  const ask = async (lease: Lease, held: ReturnType<typeof holding>) => {
    const answer = await lease.acquire(held);
    return answer.status === 'held' ? answer.share : answer.status;
  };
  const byOther = (other: string, more: Partial<Share> = {}): Share => {
    const [machine = '', session = ''] = other.split('/');
    return { session: 'own', other: { machine, session }, holder: 'other', spent: false, isSameStore: false, ...more };
  };
  const renew = async (lease: Lease, held: ReturnType<typeof holding>, after: string) => {
    const answer = await lease.acquire(held);
    if (answer.status !== 'granted') throw new Error(`the lease was not granted: ${answer.status}`);
    expect(answer.right.isValid()).toBe(true);
    expect(await answer.right.settle(after)).toBe(true);
  };

  describe(`a fleet in ${kind}`, () => {
    test('one machine gets the lease, and the other hears who has it', async () => {
      const { machine } = await machines('a', 'b');
      expect(await ask(machine(0).lease, holding('a', 'r0'))).toBe('granted');
      expect(await ask(machine(1).lease, holding('b', 'r0'))).toEqual(byOther('a/own'));
      expect(await ask(machine(0).lease, holding('a', 'r0'))).toBe('granted');
      expect(await ask(machine(1).lease, holding('b', 'another'))).toBe('granted');
    });

    test('of eight machines that ask at once, one gets the lease', async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const { opened } = await machines(...names);
      for (const login of ['r0', 'r1', 'r2', 'r3', 'r4']) {
        const answers = await Promise.all(opened.map(({ lease }, nth) => ask(lease, holding(names[nth] ?? '', login))));
        const refused = answers.filter(answer => answer !== 'granted');
        expect(refused).toHaveLength(7);
        const holders = refused.map(share => (typeof share === 'object' ? share.other.machine : share));
        expect(holders.every(holder => holder === names[answers.indexOf('granted')])).toBe(true);
      }
    });

    test('a token that was renewed in one store is spent in all others, also by the next holder', async () => {
      const { machine } = await machines('a', 'b');
      await renew(machine(0).lease, holding('a', 'r0'), 'r1');
      expect(await ask(machine(1).lease, holding('b', 'r0'))).toEqual(byOther('a/own', { spent: true }));
      await machine(0).close();
      expect(await ask(machine(1).lease, holding('b', 'r0'))).toEqual(byOther('a/own', { spent: true }));
      expect(await ask(machine(1).lease, holding('b', 'r1'))).toBe('granted');
    });

    test('what was renewed without the fleet is spent as soon as the fleet hears of it', async () => {
      const { machine } = await machines('a', 'b');
      machine(0).lease.hold('own', holding('a', 'r2', { spent: ['r1', 'r0'] }));
      await expect.poll(() => ask(machine(1).lease, holding('b', 'r0'))).toEqual(byOther('a/own', { spent: true }));
      expect(await ask(machine(0).lease, holding('a', 'r2', { spent: ['r1', 'r0'] }))).toBe('granted');
    });

    test('two that see the same store share no copy: one renews, and the other hears that it is the same', async () => {
      const { machine } = await machines('a', 'b');
      const [one, other] = ['a', 'b'].map(() => holding('nfs', 'r0'));
      expect(await ask(machine(0).lease, one ?? never())).toBe('granted');
      expect(await ask(machine(1).lease, other ?? never())).toEqual(byOther('a/own', { isSameStore: true }));
    });

    test.each<[string, (fleet: TestFleet, machine: Machine) => unknown]>([
      ['halts its session', (_, { lease }) => lease.hold('own', holding('a', 'r0', { isKept: false }))],
      ['removes its session', (_, { lease }) => lease.hold('own', undefined)],
      ['signs in separately', (_, { lease }) => lease.hold('own', holding('a', 'another'))],
      ['stops', (_, { close }) => close()],
      ['is lost', fleet => fleet.lose('a')],
    ])('the other machine gets the lease when the holder %s', async (_what, end) => {
      const { fleet, machine } = await machines('a', 'b');
      expect(await ask(machine(0).lease, holding('a', 'r0'))).toBe('granted');
      machine(0).lease.hold('own', holding('a', 'r0'));
      expect(await ask(machine(1).lease, holding('b', 'r0'))).toEqual(byOther('a/own'));
      await end(fleet, machine(0));
      await expect.poll(() => ask(machine(1).lease, holding('b', 'r0'))).toBe('granted');
    });

    test('copies are found before anybody asks, and the machine that held the login first keeps it', async () => {
      const { machine } = await machines('a', 'b');
      const [a, b] = [sharesOf(machine(0).lease), sharesOf(machine(1).lease)];
      machine(0).lease.hold('own', holding('a', 'r0'));
      await expect.poll(a.now).toEqual([]);
      machine(1).lease.hold('own', holding('b', 'r0'));
      await expect.poll(a.now).toEqual([byOther('b/own', { holder: 'us' })]);
      await expect.poll(b.now).toEqual([byOther('a/own')]);
      expect(await ask(machine(1).lease, holding('b', 'r0'))).toEqual(byOther('a/own'));
      await renew(machine(0).lease, holding('a', 'r0'), 'r1');
      machine(0).lease.hold('own', holding('a', 'r1', { spent: ['r0'] }));
      await expect.poll(b.now).toEqual([byOther('a/own', { spent: true })]);
      await expect.poll(a.now).toEqual([byOther('b/own', { holder: 'us', spent: true })]);
      machine(1).lease.hold('own', holding('b', 'another'));
      await expect.poll(b.now).toEqual([]);
    });

    test('a session that halts stays known as a copy', async () => {
      const { machine } = await machines('a', 'b');
      const [a, b] = [sharesOf(machine(0).lease), sharesOf(machine(1).lease)];
      machine(0).lease.hold('own', holding('a', 'r0', { isKept: false }));
      await expect.poll(a.now).toEqual([]);
      machine(1).lease.hold('own', holding('b', 'r0'));
      await expect.poll(a.now).toEqual([byOther('b/own')]);
      await expect.poll(b.now).toEqual([byOther('a/own', { holder: 'us' })]);
    });

    test('two sessions of one machine are left to that machine', async () => {
      const { machine } = await machines('a');
      expect(await ask(machine(0).lease, holding('a', 'r0'))).toBe('granted');
      const copy = holding('a', 'r0', { session: 'copy', store: 'a:/copy.json' });
      expect(await ask(machine(0).lease, copy)).toBe('granted');
      expect(sharesOf(machine(0).lease).now() ?? []).toEqual([]);
    });

    test('machines see what each shows, and what it shows no more', async () => {
      const { machine } = await machines('a', 'b');
      machine(0).directory.putSession(session('own', 'someone'));
      machine(0).directory.putNotice(notice('own:x'));
      machine(0).directory.record(attempt('own'));
      await expect.poll(() => shownBy(machine(1).directory)).toEqual(['a', 'a/own', 'a!own:x', 'b']);
      expect(JSON.stringify(await machine(1).directory.list())).not.toContain('someone');
      const recorded = await machine(1).directory.history({ machine: 'a', id: 'own', limit: 5 });
      expect(recorded).toEqual([{ machine: 'a', attempt: attempt('own') }]);
      expect(await machine(1).directory.history({ machine: 'b', limit: 5 })).toEqual([]);
      machine(0).directory.removeSession('own');
      machine(0).directory.removeNotice('own:x');
      await expect.poll(() => shownBy(machine(1).directory)).toEqual(['a', 'b']);
    });
  });
}

const never = (): never => {
  throw new Error('the test has no such machine');
};
