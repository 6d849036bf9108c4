import { expect, test } from 'vitest';
import { frontendAlarms } from '../../../kernel/scheduler/frontend-alarms.ts';

function alarms() {
  const reported: unknown[] = [];
  const rung: string[] = [];
  const due = new Set<() => void>();
  const jumps: ((by: number) => void)[] = [];
  const scheduler = {
    at(_time: number, task: () => void) {
      due.add(task);
      return () => void due.delete(task);
    },
    onJump: (listener: (by: number) => void) => void jumps.push(listener),
  };
  const at = frontendAlarms(scheduler, error => void reported.push(error));
  const jump = (by: number) => jumps.forEach(listener => listener(by));
  return { at, reported, rung, due, jump, set: (name: string) => at(1, () => void rung.push(name)) };
}

test('an alarm of a frontend rings once at its time', () => {
  const { rung, due, jump, set } = alarms();
  void set('a');
  for (const ring of due) ring();
  jump(-60_000);
  expect({ rung, left: due.size }).toEqual({ rung: ['a'], left: 0 });
});

test('it rings when the clock is set back, and not when it is set ahead, which makes it due anyway', () => {
  const { rung, due, jump, set } = alarms();
  void set('a');
  jump(60_000);
  expect(rung).toEqual([]);
  jump(-60_000);
  expect({ rung, left: due.size }).toEqual({ rung: ['a'], left: 0 });
});

test('a cancelled one never rings', () => {
  const { rung, due, jump, set } = alarms();
  void set('a')();
  jump(-60_000);
  expect({ rung, left: due.size }).toEqual({ rung: [], left: 0 });
});

test('one that throws keeps no other from ringing', () => {
  const { at, reported, rung, due, jump, set } = alarms();
  const broken = new Error('broken');
  const setBroken = () =>
    at(1, () => {
      throw broken;
    });
  void setBroken();
  void set('a');
  jump(-60_000);
  void setBroken();
  for (const ring of due) ring();
  expect({ rung, reported }).toEqual({ rung: ['a'], reported: [broken, broken] });
});

test.each([NaN, Infinity, -Infinity])('one at %d is refused: it would disorder the alarms of sessions', time => {
  const { at, due } = alarms();
  expect(() => at(time, () => undefined)).toThrow('An alarm needs a time in milliseconds');
  expect(due.size).toBe(0);
});
