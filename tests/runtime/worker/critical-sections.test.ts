import { describe, expect, test } from 'vitest';
import { CONTEXT_CRITICAL } from '../../../runtime/context.ts';
import { guard } from '../../../runtime/worker/critical-sections.ts';

/** Counts critical sections as a plugin process does. `endAttempt` leaves those that last until the attempt ends. */
function createSections(isAllowed = true) {
  let inside = 0;
  const atEnd: (() => void)[] = [];
  return {
    inside: () => inside,
    endAttempt: () => atEnd.splice(0).forEach(leave => leave()),
    sections: {
      enter: async () => {
        if (!isAllowed) throw new Error('about to be killed');
        inside += 1;
        return () => void (inside -= 1);
      },
      atEnd: (leave: () => void) => void atEnd.push(leave),
    },
  };
}

const nothing = async () => undefined;
const replacement = async () => ({ commit: nothing, discard: nothing });
/** Functions like those of an attempt's context, each of which calls `during`. */
function createContext(during: () => void) {
  const doing =
    <T>(result: () => Promise<T>) =>
    async (..._given: unknown[]) => {
      during();
      return result();
    };
  return {
    fetch: doing(nothing),
    exec: doing(nothing),
    pty: doing(nothing),
    files: { read: doing(nothing), prepare: doing(replacement), lock: doing(async () => nothing) },
    signal: new AbortController().signal,
  };
}
type Context = ReturnType<typeof createContext>;

test.each<[what: string, call: (context: Context) => Promise<unknown>, during: number, after: number]>([
  ['reading a file', ({ files }) => files.read('/a'), 0, 0],
  ['fetch() with GET', ({ fetch }) => fetch('https://vendor.example'), 0, 0],
  ['fetch() with HEAD', ({ fetch }) => fetch('https://vendor.example', { method: 'head' }), 0, 0],
  ['fetch() with POST', ({ fetch }) => fetch('https://vendor.example', { method: 'POST' }), 1, 1],
  ['fetch() of a POST request', ({ fetch }) => fetch(new Request('https://a.example', { method: 'POST' })), 1, 1],
  ['a program', ({ exec }) => exec('vendor', []), 1, 0],
  ['a program in a terminal', ({ pty }) => pty('vendor', []), 1, 0],
  ['a lock', ({ files }) => files.lock('/a.lock'), 1, 1],
  ['a lock that is released', ({ files }) => files.lock('/a.lock').then(unlock => unlock()), 1, 0],
  ['a prepared replacement', ({ files }) => files.prepare('/a'), 1, 1],
  ['a committed replacement', ({ files }) => files.prepare('/a').then(({ commit }) => commit()), 1, 0],
  ['a discarded replacement', ({ files }) => files.prepare('/a').then(({ discard }) => discard()), 1, 0],
])('%s', async (_what, call, during, after) => {
  const { sections, inside } = createSections();
  const seen: number[] = [];
  const context = guard(
    createContext(() => void seen.push(inside())),
    CONTEXT_CRITICAL,
    sections,
  );
  await call(context);
  expect({ during: seen, after: inside() }).toEqual({ during: [during], after });
  expect(context.signal).toBeInstanceOf(AbortSignal);
});

describe('a kind of lock that is added later', () => {
  const flock = async () => nothing;

  test('is guarded by its line in the table alone', async () => {
    const { sections, inside } = createSections();
    const table = { ...CONTEXT_CRITICAL, files: { ...CONTEXT_CRITICAL.files, flock: 'until-released' } } as const;
    const { files } = guard({ files: { flock } }, table, sections);
    const unlock = await files.flock();
    expect(inside()).toBe(1);
    await unlock();
    expect(inside()).toBe(0);
  });

  test('is guarded until the attempt ends if the table does not have it', async () => {
    const { sections, inside, endAttempt } = createSections();
    const { files } = guard({ files: { flock } }, CONTEXT_CRITICAL, sections);
    const unlock = await files.flock();
    await unlock();
    expect(inside()).toBe(1);
    endAttempt();
    expect(inside()).toBe(0);
  });
});

test('a lock that another process holds is not guarded', async () => {
  const { sections, inside } = createSections();
  const { files } = guard({ files: { lock: nothing } }, CONTEXT_CRITICAL, sections);
  expect(await files.lock()).toBeUndefined();
  expect(inside()).toBe(0);
});

test('a call that fails leaves its critical section', async () => {
  const { sections, inside } = createSections();
  const failing = () => Promise.reject(new Error('no'));
  const { files, exec } = guard({ files: { prepare: failing }, exec: failing }, CONTEXT_CRITICAL, sections);
  await expect(files.prepare()).rejects.toThrow('no');
  await expect(exec()).rejects.toThrow('no');
  expect(inside()).toBe(0);
});

test('nothing critical begins in a process that is about to be killed', async () => {
  const { sections } = createSections(false);
  let calls = 0;
  const context = guard(
    createContext(() => void (calls += 1)),
    CONTEXT_CRITICAL,
    sections,
  );
  await expect(context.fetch('https://vendor.example', { method: 'POST' })).rejects.toThrow('about to be killed');
  await context.files.read('/a');
  expect(calls).toBe(1);
});
