import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { StateStore } from '../../state/states.ts';
import { parseLog } from '../../state/states-log.ts';
import { parseStates } from '../../state/states-parsing.ts';
import { readStates as readForPrompt } from '../../plugins/ui-cli/prompt/states-file.ts';
import type { Notice, SessionRecord } from '../../sdk/contract/session.ts';
import { locateHome, type Home } from '../../sdk/system/home.ts';
import { openStates } from '../support/io/open-states.ts';
import { temporaryFolder } from '../support/real-context.ts';

let home: Home;
beforeEach(async () => {
  home = locateHome({ KEEPALIVE_HOME: await temporaryFolder() });
});

const opened = (): Promise<StateStore> => openStates(home);

/** Undefined if the file was closed meanwhile. */
function nameOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

const record = (n: number, length = 100): SessionRecord => ({
  displayName: 'x'.repeat(length),
  state: { name: 'idle', failures: 0, wakeAt: n, wakeWhy: 'at start' },
});
const notice = (id: string): Notice => {
  return { id, session: 'a', level: 'error', code: 'failing', title: 'A fails', body: '', raisedAt: 1 };
};
const shown = () => JSON.parse(readFileSync(home.states, 'utf8'));
const names = () => readdirSync(home.stateDir).toSorted();
const numberOf = (store: StateStore, id: string) => Object(store.sessions.get(id)?.state).wakeAt;

const prototype: Pick<FileHandle, 'write' | 'datasync' | 'sync'> = await (async () => {
  const handle = await open('.', 'r');
  await handle.close();
  return Object.getPrototypeOf(handle);
})();

/** The next call of this kind fails. */
function failNext(call: 'write' | 'datasync' | 'sync', code: string): void {
  const error = Object.assign(new Error(code), { code });
  vi.spyOn(prototype, call).mockImplementationOnce(() => Promise.reject(error));
}

/** How many bytes the work writes, and how often it syncs. */
async function costsOf(work: () => Promise<void>) {
  const written = vi.spyOn(prototype, 'write');
  const synced = [vi.spyOn(prototype, 'datasync'), vi.spyOn(prototype, 'sync')];
  await work();
  const results = await Promise.all(written.mock.results.map(({ value }) => value));
  const costs = {
    bytes: results.reduce<number>((sum, { bytesWritten }) => sum + Number(bytesWritten), 0),
    syncs: synced.reduce((sum, { mock }) => sum + mock.calls.length, 0),
  };
  vi.restoreAllMocks();
  return costs;
}

async function filledWith(sessions: number): Promise<StateStore> {
  const store = await opened();
  await Promise.all(Array.from({ length: sessions }, (_, n) => store.put(`s${n}`, record(n, 500))));
  await store.flush();
  return store;
}

describe('the cost of a change does not depend on the number of sessions', () => {
  test.each([10, 1_000, 10_000])('now and then, among %d', async sessions => {
    const store = await filledWith(sessions);
    await store.put('s1', record(0, 500)); // Creates the log.
    const { bytes, syncs } = await costsOf(async () => {
      for (let n = 0; n < 20; n += 1) {
        await store.put(`s${n % sessions}`, record(n + 1, 500));
        await store.flush();
      }
    });
    expect(bytes / 20).toBeLessThan(2_048);
    expect(syncs).toBe(20);
  });

  test.each([10, 1_000, 10_000])('in bursts, among %d, which share syncs', async sessions => {
    const store = await filledWith(sessions);
    await store.put('s1', record(0, 500));
    const { bytes, syncs } = await costsOf(async () => {
      for (let burst = 0; burst < 5; burst += 1)
        await Promise.all(
          Array.from({ length: 100 }, (_, n) => store.put(`s${(n * 97) % sessions}`, record(burst * 100 + n, 500))),
        );
      await store.flush();
    });
    expect(bytes / 500).toBeLessThan(2_048);
    expect(syncs).toBeLessThanOrEqual(6);
  });

  test('a record that is on disk, or on its way there, is not written again', async () => {
    const store = await filledWith(10);
    const next = record(7, 500);
    const twice = await costsOf(async () => {
      await Promise.all([store.put('s1', next), store.put('s1', next)]);
      await store.put('s1', next);
      await store.flush();
    });
    expect(twice.syncs).toBeLessThanOrEqual(2); // The log, and its folder.
    expect(twice.bytes).toBeLessThan(1_500);
    expect(await costsOf(() => store.put('s1', next))).toEqual({ bytes: 0, syncs: 0 });
  });

  test('a notice costs as much as one, however many there are', async () => {
    const store = await filledWith(1_000);
    for (let n = 0; n < 50; n += 1) await store.raise(notice(`n${n}`));
    await store.flush();
    const { bytes } = await costsOf(async () => {
      await store.raise(notice('one-more'));
      await store.flush();
    });
    expect(bytes).toBeLessThan(600);
    expect(shown().notices).toHaveLength(51);
  });
});

describe('after a crash', () => {
  /** The file as it was laid out, and the log with later changes. */
  async function crashed() {
    const store = await opened();
    await store.put('a', record(0));
    await store.put('b', record(0));
    await store.flush();
    const laidOut = readFileSync(home.states, 'utf8');
    for (let n = 1; n <= 12; n += 1) await store.put(n % 2 ? 'a' : 'c', record(n, n * 10));
    await store.raise(notice('n'));
    await store.remove('b');
    await store.setStoppedAt(5);
    await store.flush();
    return { laidOut, shownLast: readFileSync(home.states, 'utf8'), log: readFileSync(home.changes, 'utf8') };
  }

  test('the log has every change that was confirmed, wherever it was cut', async () => {
    const { laidOut, shownLast, log } = await crashed();
    const bytes = Buffer.from(log);
    for (let length = 0; length <= bytes.length; length += 1) {
      const text = bytes.toString('utf8', 0, length);
      const confirmed = Math.max(0, text.split('\n').length - 2);
      const parsed = parseLog(text);
      expect(parsed.isSound).toBe(true);
      const { json, isSound } = parseStates(laidOut, parsed);
      const { sessions, notices, stoppedAt } = Object(json);
      const puts = log
        .split('\n')
        .slice(1, 1 + confirmed)
        .map(line => JSON.parse(line));
      const expected = new Map<string, unknown>(Object.entries(JSON.parse(laidOut).sessions));
      for (const { sessions: changed } of puts)
        for (const [id, value] of Object.entries(changed ?? {})) {
          if (value === null) expected.delete(id);
          else expected.set(id, value);
        }
      expect({ isSound, sessions }).toEqual({ isSound: true, sessions: Object.fromEntries(expected) });
      expect(notices).toHaveLength(puts.some(change => change.notices) ? 1 : 0);
      expect(stoppedAt).toBe(puts.some(change => change.members) ? 5 : undefined);
    }
    const { changes: _id, ...last } = JSON.parse(shownLast);
    expect(parseStates(laidOut, parseLog(log)).json).toEqual(last);
    expect(parseStates(shownLast, parseLog(log)).json).toEqual(last);
  });

  test('a half-written line of the file is made good by the log, and is no damage', async () => {
    const { shownLast, log } = await crashed();
    const { changes: _id, ...last } = JSON.parse(shownLast);
    const from = shownLast.indexOf('"c":{');
    for (let length = 6; length < 100; length += 1) {
      const torn = shownLast.slice(0, from + length) + ' '.repeat(100 - length) + shownLast.slice(from + 100);
      const { json, isSound } = parseStates(torn, parseLog(log));
      expect({ json, isSound }).toEqual({ json: last, isSound: true });
    }
  });

  test('a prompt shows the sessions whose lines are whole', async () => {
    const { shownLast } = await crashed();
    const from = shownLast.indexOf('"c":{');
    writeFileSync(home.states, `${shownLast.slice(0, from + 6)}${' '.repeat(30)}${shownLast.slice(from + 36)}`);
    expect(Object.keys(readForPrompt(home.states)?.sessions ?? {})).toEqual(['a']);
  });

  test('what the file does not show yet is read, and nothing is written before the first change', async () => {
    const { laidOut, shownLast } = await crashed();
    writeFileSync(home.states, laidOut);
    const before = statSync(home.states).mtimeMs;
    const store = await opened();
    expect([...store.sessions.keys()].toSorted()).toEqual(['a', 'c']);
    expect(statSync(home.states).mtimeMs).toBe(before);
    await store.setStoppedAt(6);
    await store.close();
    const [{ changes: _a, ...now }, { changes: _b, ...then }] = [shown(), JSON.parse(shownLast)];
    expect(now).toEqual({ ...then, stoppedAt: 6 });
    expect(names()).toEqual(['states.json']);
  });
});

describe('a log that does not belong to the file has no effect', () => {
  test('an older version has written the file since', async () => {
    const store = await opened();
    await store.put('a', record(1));
    await store.put('a', record(2));
    await store.flush();
    const log = readFileSync(home.changes);
    await store.put('a', record(3));
    await store.close();
    // It keeps the member that it does not know.
    writeFileSync(home.states, JSON.stringify(shown()));
    writeFileSync(home.changes, log);
    const upgraded = await opened();
    expect(numberOf(upgraded, 'a')).toBe(3);
    await upgraded.put('a', record(4));
    await upgraded.close();
    expect(names()).toEqual(['states.json']);
    expect(shown()).toMatchObject({ sessions: { a: record(4) } });
  });

  test('there is no file any more', async () => {
    const store = await opened();
    for (const n of [1, 2]) await store.put('a', record(n));
    rmSync(home.states);
    expect((await opened()).sessions.size).toBe(0);
  });
});

describe('if the disk refuses', () => {
  test.each(['ENOSPC', 'EIO', 'EROFS'])(
    'a write of the log (%s), the change goes out with the next one',
    async code => {
      const store = await filledWith(3);
      await store.put('s0', record(1));
      failNext('write', code);
      const details = { file: home.states, reason: code };
      await expect(store.put('s1', record(11))).rejects.toMatchObject({ code: 'KA_HOME_UNUSABLE', details });
      vi.restoreAllMocks();
      await store.put('s2', record(12));
      const other = await opened();
      expect(['s0', 's1', 's2'].map(id => numberOf(other, id))).toEqual([1, 11, 12]);
    },
  );

  test('a change, it is written a minute later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const store = await filledWith(3);
    await store.put('s0', record(1));
    failNext('write', 'ENOSPC');
    await expect(store.put('s1', record(11))).rejects.toMatchObject({ code: 'KA_HOME_UNUSABLE' });
    vi.restoreAllMocks();
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(async () => expect(numberOf(await opened(), 's1')).toBe(11));
    vi.useRealTimers();
  });

  test('in the middle of a line, the half line does not stay', async () => {
    const store = await filledWith(3);
    await store.put('s0', record(1));
    const { size } = statSync(home.changes);
    vi.spyOn(prototype, 'write').mockImplementationOnce(async () => {
      appendFileSync(
        home.changes,
        '{"sessions":{"s1":{"displayName":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      );
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    });
    await expect(store.put('s1', record(11, 900))).rejects.toMatchObject({ code: 'KA_HOME_UNUSABLE' });
    vi.restoreAllMocks();
    await store.remove('s1');
    expect(readFileSync(home.changes, 'utf8').slice(size)).toBe('{"sessions":{"s1":null}}\n');
  });

  test('a sync, the file is written whole with the next change', async () => {
    const store = await filledWith(3);
    await store.put('s0', record(1));
    failNext('datasync', 'EIO');
    const next = record(11);
    await expect(store.put('s1', next)).rejects.toMatchObject({ code: 'KA_HOME_UNUSABLE' });
    vi.restoreAllMocks();
    await store.put('s1', next);
    expect(shown().sessions.s1).toEqual(next);
  });

  test('a line of the file, nothing is lost and the next change mends it', async () => {
    const store = await filledWith(3);
    await store.put('s0', record(1));
    await store.flush();
    await store.put('s1', record(11));
    failNext('write', 'EIO');
    await store.flush();
    vi.restoreAllMocks();
    expect(numberOf(await opened(), 's1')).toBe(11);
    await store.put('s2', record(12));
    expect(shown()).toMatchObject({ sessions: { s0: record(1), s1: record(11), s2: record(12) } });
  });
});

describe('two kernels on one home', () => {
  test('neither writes into the file of the other, and what is confirmed last is on disk', async () => {
    const [daemon, once] = [await opened(), await opened()];
    await daemon.put('a', record(1));
    await daemon.put('a', record(2));
    await once.put('b', record(3));
    await once.put('b', record(4));
    expect(shown().sessions).toEqual({ b: record(3) });
    expect(numberOf(await opened(), 'b')).toBe(4);
    await daemon.put('a', record(5));
    expect(shown().sessions).toEqual({ a: record(5) });
    await once.close();
    await daemon.put('a', record(6));
    await daemon.flush();
    expect(numberOf(await opened(), 'a')).toBe(6);
    expect(shown().sessions).toEqual({ a: record(6) });
  });

  test.runIf(process.platform === 'linux')('a store that lost its file closes its log', async () => {
    const store = await opened();
    await store.put('a', record(1));
    await store.put('a', record(2));
    rmSync(home.states);
    const isOpen = () => readdirSync('/proc/self/fd').some(fd => nameOf(fd) === home.changes);
    expect(isOpen()).toBe(true);
    await store.close();
    expect(isOpen()).toBe(false);
  });

  test.each(['states', 'changes'] as const)('a removed file (%s) is written again', async name => {
    const store = await filledWith(3);
    await store.put('s0', record(1));
    rmSync(home[name]);
    await store.put('s0', record(2));
    expect(numberOf(await opened(), 's0')).toBe(2);
    expect(shown().sessions.s2).toBeDefined();
  });
});

describe('a file that was written in place by something else is replaced with the next change', () => {
  const edits: Readonly<Record<string, (text: Buffer) => Buffer>> = {
    'an edited line': text => Buffer.from(text.toString().replace('"idle"', '"lied"')),
    'a lost first block': text => Buffer.concat([Buffer.alloc(512), text.subarray(512)]),
  };
  test.each(Object.keys(edits))('%s', async name => {
    const store = await filledWith(3);
    await store.put('s0', record(1));
    await store.flush();
    writeFileSync(home.states, edits[name]?.(readFileSync(home.states)) ?? '');
    await store.put('s1', record(2));
    expect(shown().sessions).toEqual({ s0: record(1), s1: record(2), s2: record(2, 500) });
    expect((await opened()).sessions).toEqual(store.sessions);
  });

  test('an older copy with another order of notices', async () => {
    const store = await filledWith(3);
    for (const id of ['a', 'b']) await store.raise(notice(id));
    await store.flush();
    const older = readFileSync(home.states);
    await store.clear('a');
    await store.flush();
    writeFileSync(home.states, older);
    await store.clear('b');
    await store.flush();
    expect(shown().notices).toEqual([]);
  });
});

test('a log that was emptied by something else gets no hole', async () => {
  const store = await filledWith(3);
  await store.put('s0', record(1));
  writeFileSync(home.changes, '');
  const { changes } = shown();
  await store.put('s1', record(2));
  await store.put('s2', record(3));
  expect(shown().changes).not.toBe(changes);
  expect(parseLog(readFileSync(home.changes, 'utf8'))).toMatchObject({ id: shown().changes, isSound: true });
});

test('a long log is emptied, and nothing is lost', async () => {
  const store = await filledWith(20);
  for (let n = 1; n <= 120; n += 1)
    await Promise.all(Array.from({ length: 20 }, (_, at) => store.put(`s${at}`, record(n, 500 + at))));
  await store.flush();
  expect(statSync(home.changes).size).toBeLessThan(1_100_000);
  const other = await opened();
  expect(Array.from({ length: 20 }, (_, at) => numberOf(other, `s${at}`))).toEqual(Array(20).fill(120));
});

test('a clean stop leaves one complete file', async () => {
  const store = await filledWith(20);
  for (let n = 0; n < 20; n += 1) await store.put(`s${n}`, record(n + 100, 50 * n));
  await store.close();
  expect(names()).toEqual(['states.json']);
  expect(Object.values(shown().sessions)).toHaveLength(20);
  expect(existsSync(home.changes)).toBe(false);
  if (process.platform !== 'win32')
    expect(execFileSync('stat', ['-c', '%a', home.states]).toString().trim()).toBe('600');
});
