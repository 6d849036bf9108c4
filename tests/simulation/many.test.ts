import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { liveMany } from '../../simulation/many.ts';

/** A process that answers each seed as a test says. */
class FakeWorker extends EventEmitter {
  isKilled = false;

  constructor(private readonly answer: (worker: FakeWorker, seed: number) => void) {
    super();
  }

  send({ seed }: { readonly seed: number }): boolean {
    queueMicrotask(() => this.answer(this, seed));
    return true;
  }

  disconnect(): void {
    this.emit('exit', 0, null);
  }

  kill(): boolean {
    return (this.isKilled = true);
  }
}

let workers: FakeWorker[];
let printed: string[];
const report = (worker: FakeWorker, seed: number): unknown => worker.emit('message', { seed });

beforeEach(() => {
  vi.useFakeTimers();
  [workers, printed] = [[], []];
  vi.spyOn(console, 'log').mockImplementation(line => void printed.push(String(line)));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function run(answer: (worker: FakeWorker, seed: number) => void, seeds = 5, minutes = Infinity): Promise<boolean> {
  return liveMany({ seed: 7, seeds, days: 2 }, { minutes, jobs: 2 }, () => {
    const worker = new FakeWorker(answer);
    workers.push(worker);
    return worker;
  });
}

test('each seed is lived once, by whichever process is free', async () => {
  const lived: number[] = [];
  expect(await run((worker, seed) => report(worker, lived[lived.push(seed) - 1] ?? 0))).toBe(true);
  expect(lived).toEqual([7, 8, 9, 10, 11]);
  expect(printed.at(-1)).toMatch(/^5 of 5 seeds, of 2 days, .* 0 broke a rule\.$/);
});

test('a seed that breaks a rule is named, with the command for its story, and the others are lived', async () => {
  const broken = { rule: 'token-sent-once', how: 'The token was sent twice.' };
  const isFine = await run((worker, seed) => worker.emit('message', { seed, ...(seed === 8 && { broken }) }));
  expect(isFine).toBe(false);
  expect(printed).toEqual([
    'Seed 8 breaks token-sent-once: The token was sent twice.',
    expect.stringMatching(/^5 of 5 seeds.* 1 broke a rule\.$/),
    'The story of one: npm run simulate -- --seed 8 --days 2',
  ]);
});

test('after its minutes no further seed begins', async () => {
  const isFine = run((worker, seed) => setTimeout(() => report(worker, seed), 40_000), 9, 1);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(await isFine).toBe(true);
  expect(printed.at(-1)).toMatch(/^4 of 9 seeds/);
});

const failures: readonly [what: string, answer: (worker: FakeWorker, seed: number) => void, error: string][] = [
  ['ends early', worker => worker.emit('exit', null, 'SIGKILL'), 'The process of seed 7 ended with SIGKILL'],
  ['sends something else', worker => worker.emit('message', 'done'), 'A process sent what is no report.'],
  ['cannot be reached', worker => worker.emit('error', new Error('EPIPE')), 'EPIPE'],
  [
    'never answers',
    () => undefined,
    'Seed 7 has not ended after 12 min. See where it hangs: npm run simulate -- --seed 7 --days 2',
  ],
];

test.each(failures)('a process that %s fails the run, and all processes are ended', async (_what, answer, error) => {
  const ending = run((worker, seed) => (seed === 7 ? answer(worker, seed) : undefined)).catch(String);
  await vi.advanceTimersByTimeAsync(12 * 60_000);
  expect(await ending).toContain(error);
  expect(workers.map(({ isKilled }) => isKilled)).toEqual([true, true]);
});
