import { expect, test } from 'vitest';
import { frontendAlarms } from '../../../kernel/scheduler/frontend-alarms.ts';

function alarms() {
  const rung: string[] = [];
  const due = new Set<() => void>();
  const jumps: ((by: number) => void)[] = [];
  const at = frontendAlarms({
    at(_time, task) {
      due.add(task);
      return () => void due.delete(task);
    },
    onJump: listener => void jumps.push(listener),
  });
  const jump = (by: number) => jumps.forEach(listener => listener(by));
  return { rung, due, jump, set: (name: string) => at(1, () => void rung.push(name)) };
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
