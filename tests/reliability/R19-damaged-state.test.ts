import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WITHOUT_FILE } from '../../config/resolve.ts';
import { effectivePolicy } from '../../lifecycle/policy-layers.ts';
import { openSettings } from '../../state/settings.ts';
import { createJournal } from '../../runtime/files/journal.ts';
import { quarantineIfUnusable, warnQuarantined } from '../../runtime/files/quarantine.ts';
import { History } from '../../state/history.ts';
import { openLog, type KernelLog } from '../../runtime/log/log.ts';
import { guardHome, publishEndpoint } from '../../server/endpoint.ts';
import { endpointSchema } from '../../sdk/contract/endpoint-schema.ts';
import { policySchema } from '../../sdk/contract/policy-schema.ts';
import { planOf } from '../../lifecycle/plan.ts';
import { openStateFile } from '../../state/states.ts';
import { transition } from '../../lifecycle/transition.ts';
import { renderPrompt } from '../../plugins/ui-cli/prompt/quick.ts';
import { TARGETS, isTarget } from '../../plugins/ui-cli/prompt/targets.ts';
import { readStates } from '../../plugins/ui-cli/prompt/states-file.ts';
import { readEndpoint } from '../../sdk/client/client.ts';
import { locateHome, type Home } from '../../sdk/system/home.ts';
import { DEFAULT_POLICY, type Schedule } from '../../sdk/contract/policy.ts';
import { headerOf } from '../../sdk/contract/states-layout.ts';
import type { Attempt, SessionRecord, StatesFile } from '../../sdk/contract/session.ts';
import { KEEPALIVE, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { bytesOf, damaged } from '../support/io/mutations.ts';
import { asAnyUser, giveAway, OBSTACLES } from '../support/io/obstacles.ts';
import { openStates } from '../support/io/open-states.ts';
import { laidOut, logOf } from '../support/io/killed-states.ts';
import { runs } from '../support/runs.ts';
import { TEMPORARY } from '../support/io/temporary.ts';

const NOW = Date.now();
const DAY_MS = 86_400_000;
const wake = { wakeAt: NOW + 60_000, wakeWhy: 'every 30m' };
const attempt = (id: string): Attempt => ({
  id,
  startedAt: NOW - 90_000,
  endedAt: NOW - 89_000,
  reason: 'schedule',
  method: 'redeem',
  outcome: 'failed',
  failures: 1,
  code: 'KA_UNEXPECTED_ANSWER',
  message: 'Ärger',
});
const past = {
  lastAttemptAt: NOW - 90_000,
  lastSuccessAt: NOW - 3_600_000,
  expirySeenAt: NOW - 3_600_000,
  fingerprint: '0123456789abcdef',
};
const ends = { expiresAt: NOW + 3_600_000, loginExpiresAt: NOW + 30 * DAY_MS };

const SESSIONS: Readonly<Record<string, SessionRecord>> = {
  codex: {
    displayName: 'Codex',
    state: { name: 'alive', ...wake, ...ends },
    ...past,
    ...ends,
    lastAttempt: attempt('codex'),
  },
  claude: {
    displayName: 'Claude',
    state: { name: 'waiting', why: 'backoff', failures: 2, tries: 1, hint: 'odd', ...wake },
    ...past,
    vendorWaitUntil: NOW + 120_000,
  },
  acme: {
    displayName: 'Acme',
    state: { name: 'halted', why: 'login-required', hint: 'Run `acme login`.', failures: 0 },
    ...past,
  },
  busy: {
    displayName: 'Busy',
    state: { name: 'refreshing', since: NOW - 1_000, failures: 0, tries: 1 },
    lastAttemptAt: NOW - 1_000,
  },
  new: { displayName: 'New', state: { name: 'idle', failures: 0, ...wake } },
};
const STATES: StatesFile = {
  version: 1,
  sessions: SESSIONS,
  notices: [
    {
      id: 'acme:login-required',
      session: 'acme',
      level: 'error',
      code: 'login-required',
      title: 'Acme needs a login',
      body: 'Its login has ended.',
      action: 'Sign in.',
      raisedAt: NOW,
    },
  ],
};
const SETTINGS = {
  version: 1,
  sessions: {
    codex: {
      schedule: { mode: 'daily', at: '09:00', timezone: 'Europe/Berlin', days: ['mon', 'fri'] },
      enabled: true,
      jitter: 0.2,
    },
    acme: {
      schedule: { mode: 'cron', pattern: '*/10 * * * *' },
      minInterval: '90s',
      retries: 2,
      maxFailures: 7,
      backoff: { initial: '1m', factor: 1.5, max: '10m' },
    },
  },
};
const ENDPOINT = { url: 'ws://127.0.0.1:1/rpc', token: 'A'.repeat(43), pid: 1, version: '0.1.0', startedAt: NOW };
const SCHEDULES: readonly Schedule[] = [
  { mode: 'interval', every: '30m' },
  { mode: 'daily', at: '02:30', timezone: 'Europe/Berlin' },
  { mode: 'cron', pattern: '*/10 * * * *' },
  { mode: 'before-expiry', buffer: '5m' },
];

/** Memory is enough for thousands of small files. */
const MEMORY = '/dev/shm';

/** A home for one damaged file at a time, and the lines of its log. */
function testHome() {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : TEMPORARY, 'keepalive-R19-'));
  const logged: string[] = [];
  const log: KernelLog = pino({ level: 'warn' }, { write: line => void logged.push(line) });
  const home = locateHome({ KEEPALIVE_HOME: folder });
  const clear = () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    logged.length = 0;
  };
  const aside = (): readonly string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => /\.(damaged|unreadable)-\d+$/.test(name));
  /** Nothing was lost: the content is the same, or the bytes are in a file beside it that the log names. */
  const expectKept = (bytes: Buffer, isSame: boolean) => {
    const names = aside();
    if (isSame && names.length === 0) return;
    expect(names.map(name => readFileSync(join(folder, name)).equals(bytes))).toEqual([true]);
    expect(logged.filter(line => line.includes(names[0] ?? ''))).toHaveLength(1);
  };
  return {
    folder,
    home,
    log,
    logged,
    clear,
    aside,
    expectKept,
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}

let at: ReturnType<typeof testHome>;
beforeAll(() => {
  at = testHome();
});
afterAll(() => at.end());

/** The JSON in the bytes; undefined if it is none. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** What it says, without the id of its log. */
function withoutId(states: unknown): unknown {
  if (typeof states !== 'object' || states === null) return states;
  const { changes: _changes, ...content } = Object(states);
  return content;
}

/** Whether a mutation made the version a higher one. */
function isNewer(bytes: Buffer): boolean {
  // A torn file of a newer version is newer too: our layout names it in the first line.
  const { version } = headerOf(bytes.toString()) ?? Object(parse(bytes));
  return Number.isSafeInteger(version) && version > 1;
}

/** A newer file is not damaged: it is refused, and stays as it is. */
async function expectRefused(open: () => Promise<unknown>, file: string, bytes: Buffer) {
  await expect(open()).rejects.toMatchObject({ code: 'KA_HOME_NEWER' });
  expect(readdirSync(at.folder)).toEqual([basename(file)]);
  expect(readFileSync(file).equals(bytes)).toBe(true);
  expect(at.logged).toEqual([]);
}

async function openDamagedStates(home: Home, log: KernelLog, bytes: Buffer): Promise<void> {
  writeFileSync(home.states, bytes);
  const facts = { states: readStates(home.states), daemon: 'running', now: NOW } as const;
  for (const target of Object.keys(TARGETS).filter(isTarget))
    renderPrompt(facts, { target, text: '{summary} {next} {ends}' }, { env: {}, home: undefined, colour: true });
  if (isNewer(bytes)) return expectRefused(() => openStateFile(home, log), home.states, bytes);
  const store = await openStateFile(home, log);
  for (const [id, record] of store.sessions) {
    for (const schedule of SCHEDULES) {
      const policy = { ...DEFAULT_POLICY, schedule };
      const { state, ...rest } = transition(record, { type: 'start' }, { policy, now: NOW, random: 0.5 });
      // The session is attempted again, whatever the file said.
      if ('wakeAt' in state && rest.expiresAt === undefined) expect(state.wakeAt).toBeLessThanOrEqual(NOW + 2 * DAY_MS);
      if ('wakeAt' in state) expect(state.wakeAt).toBeGreaterThan(0);
      planOf({ id, record: { ...rest, state }, policy }, NOW, NOW + 600_000);
    }
  }
  await Promise.all([...store.sessions].map(([id, record]) => store.put(id, { ...record })));
  await store.setStoppedAt(NOW);
  await store.setStoppedAt(undefined);
  await store.close();
  at.expectKept(bytes, isDeepStrictEqual(withoutId(parse(bytes)), withoutId(parse(readFileSync(home.states)))));
  const before = at.aside().length;
  expect(isDeepStrictEqual([...(await openStateFile(home, log)).sessions], [...store.sessions])).toBe(true);
  expect(at.aside()).toHaveLength(before);
}

async function openDamagedSettings(home: Home, log: KernelLog, bytes: Buffer): Promise<void> {
  writeFileSync(home.settings, bytes);
  if (isNewer(bytes)) return expectRefused(() => openSettings(home.settings, log), home.settings, bytes);
  const settings = await openSettings(home.settings, log);
  // A changed session id is another session. Its settings are kept under that id.
  const ids = Object.keys(Object(Object(parse(bytes)).sessions));
  const kept = Object.fromEntries(ids.map(id => [id, settings.of(id)]));
  for (const id of ids) policySchema.parse(effectivePolicy({}, WITHOUT_FILE, id, settings.of(id)).policy);
  await settings.change('acme', { retries: 5 });
  const { sessions, ...others } = Object(parse(bytes));
  const expected = { ...others, sessions: { ...sessions, acme: { ...sessions?.acme, retries: 5 } } };
  at.expectKept(bytes, isDeepStrictEqual(parse(readFileSync(home.settings)), expected));
  expect((await openSettings(home.settings, log)).of('acme')).toEqual({ ...kept['acme'], retries: 5 });
}

/** Undamaged sessions stay, and are as the undamaged lines of the log say. */
async function openDamagedLog(home: Home, log: KernelLog, bytes: Buffer): Promise<void> {
  writeFileSync(home.states, LAID_OUT);
  writeFileSync(home.changes, bytes);
  const whole = bytes.toString('utf8').split('\n').slice(0, -1);
  const belongs = whole[0] === LOG.split('\n')[0];
  const store = await openStateFile(home, log);
  expect([...store.sessions.keys()]).toEqual(expect.arrayContaining(['claude', 'acme', 'new']));
  const isOfAnother = /^\{"changes":"[0-9a-f]{16}"\}$/.test(whole[0] ?? '') && !belongs;
  const isCut = LOG.startsWith(bytes.toString('utf8'));
  if (belongs && whole.length === LOG.split('\n').length - 1 && at.aside().length === 0)
    expect(store.sessions.has('codex')).toBe(true);
  if (!isOfAnother && !isCut) at.expectKept(bytes, whole.every(isChange));
  await store.put('new', { ...LATER, displayName: 'Newer' });
  await store.close();
  expect(isDeepStrictEqual([...(await openStateFile(home, log)).sessions].length, store.sessions.size)).toBe(true);
  expect(readdirSync(at.folder).filter(name => name === basename(home.changes))).toEqual([]);
}

const isChange = (line: string): boolean =>
  /^\{"(changes|sessions|notices|members)":/.test(line) && parse(Buffer.from(line)) !== undefined;

const LAID_OUT = laidOut(STATES);
const LATER = SESSIONS['new'] ?? { displayName: '', state: { name: 'idle', failures: 0, ...wake } };
const LOG = logOf({
  sessions: { codex: LATER, busy: null },
  notices: { 'acme:login-required': null },
  members: { stoppedAt: NOW },
});

const LINES = Array.from({ length: 8 }, (_, index) => JSON.stringify(attempt(`session-${index}`)));

async function readDamagedHistory(home: Home, log: KernelLog, bytes: Buffer): Promise<void> {
  writeFileSync(home.history, bytes);
  const history = new History(home.history, log);
  const whole = bytes
    .toString('utf8')
    .split('\n')
    .filter(line => LINES.includes(line))
    .map(line => JSON.parse(line));
  const before = await history.list({ limit: 10_000 });
  expect(before.filter(({ id }) => id.startsWith('session-')).length).toBeGreaterThanOrEqual(whole.length);
  for (const line of whole) expect(before).toContainEqual(line);
  void history.add(attempt('after'));
  expect(await history.list({ limit: 10_000 })).toEqual([attempt('after'), ...before]);
  await history.close();
  // Damaged lines stay where they are.
  expect(readFileSync(home.history).subarray(0, bytes.length).equals(bytes)).toBe(true);
}

async function startOverDamagedEndpoint(home: Home, log: KernelLog, bytes: Buffer): Promise<void> {
  writeFileSync(home.endpoint, bytes);
  await readEndpoint(home.endpoint).catch((error: unknown) =>
    expect(error).toMatchObject({ code: 'KA_RPC_NO_DAEMON' }),
  );
  const guard = await guardHome(home);
  const unpublish = await publishEndpoint(home, { ...ENDPOINT, token: 'mine' }, log);
  // The endpoint of a kernel that is dead is of no use, also if a newer version wrote more into it.
  at.expectKept(bytes, endpointSchema.safeParse(parse(bytes)).success);
  expect(await readEndpoint(home.endpoint)).toMatchObject({ token: 'mine' });
  await unpublish();
  await guard();
  expect(existsSync(home.endpoint)).toBe(false);
}

const NOTE = JSON.stringify({
  sent: '0123456789abcdef',
  at: NOW,
  reply: { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 3_600 },
});

async function readDamagedNote(home: Home, _log: KernelLog, bytes: Buffer): Promise<void> {
  const journal = createJournal(home.journal);
  await journal.write('sent:x', '');
  const [name = ''] = readdirSync(home.journal);
  writeFileSync(join(home.journal, name), bytes);
  const read = await journal.read('sent:x');
  // All or nothing: half a new token would replace a good one.
  expect([undefined, NOTE]).toContain(read);
  if (read === undefined)
    expect(at.aside().map(path => readFileSync(join(home.stateDir, path)).equals(bytes))).toEqual([true]);
  await journal.write('sent:x', NOTE);
  expect(await journal.read('sent:x')).toBe(NOTE);
}

/** Each file of a home, its sound content, and the check for a damaged one. */
const FILES: readonly (readonly [
  name: string,
  sound: string,
  survive: (home: Home, log: KernelLog, bytes: Buffer) => Promise<void>,
])[] = [
  ['states.json of another program', JSON.stringify(STATES), openDamagedStates],
  ['states.json', LAID_OUT, openDamagedStates],
  ['states-changes.jsonl', LOG, openDamagedLog],
  ['settings.json', JSON.stringify(SETTINGS, null, 2), openDamagedSettings],
  ['history.jsonl', `${LINES.join('\n')}\n`, readDamagedHistory],
  ['endpoint.json', JSON.stringify(ENDPOINT), startOverDamagedEndpoint],
  [
    'a note of the journal',
    `${createHash('sha256').update(NOTE).digest('hex').slice(0, 32)} ${Buffer.byteLength(NOTE)}\n${NOTE}`,
    readDamagedNote,
  ],
];

describe('R19: the daemon survives any content of its files and sets aside what it cannot read', () => {
  test.for(FILES)('%s', async ([name, sound, survive], { annotate }) => {
    at.clear();
    await survive(at.home, at.log, Buffer.from(sound));
    expect(at.aside()).toEqual([]);
    const asked = runs(100, 5_000);
    await fc.assert(
      fc.asyncProperty(damaged(sound), async letters => {
        at.clear();
        await survive(at.home, at.log, bytesOf(letters));
      }),
      asked,
    );
    await annotate(`${asked.numRuns} times ${name}, damaged: 0 crashes, 0 lost`);
  });
});

test('R19 control: a reader that trusts its file fails on most of them', async ({ annotate }) => {
  const believe = (bytes: Buffer) =>
    Object.values<SessionRecord>(JSON.parse(bytes.toString('utf8')).sessions).map(({ state }) => state.name.length);
  const files = fc.sample(damaged(JSON.stringify(STATES)), 200).map(bytesOf);
  const deaths = files.filter(bytes => {
    try {
      return believe(bytes).length === 0;
    } catch {
      return true;
    }
  });
  expect(deaths.length).toBeGreaterThan(50);
  await annotate(`a reader that trusts its file fails, or loses all sessions, in ${deaths.length} of ${files.length}`);
});

/** What must work if something else is in the place of the file. */
const PLACES: readonly (readonly [
  name: keyof Home,
  works: (home: Home, log: KernelLog) => Promise<unknown>,
  now: unknown,
])[] = [
  [
    'states',
    async (home, log) => {
      const store = await openStates(home, log);
      await store.put('codex', LATER);
      return [...(await openStateFile(home, log)).sessions.keys()];
    },
    ['codex'],
  ],
  [
    'changes',
    async (home, log) => {
      for (const n of [1, 2]) {
        const store = await openStates(home, log);
        for (const record of [LATER, { ...LATER }]) await store.put(`s${n}`, record);
        if (n === 2) await store.close();
      }
      return [...(await openStateFile(home, log)).sessions.keys()];
    },
    ['s1', 's2'],
  ],
  [
    'settings',
    async ({ settings }, log) => {
      await (await openSettings(settings, log)).change('codex', { retries: 5 });
      return (await openSettings(settings, log)).of('codex');
    },
    { retries: 5 },
  ],
  [
    'history',
    async (home, log) => {
      const history = new History(home.history, log);
      await history.add(attempt('codex'));
      await history.close();
      return history.list();
    },
    [attempt('codex')],
  ],
  [
    'endpoint',
    async (home, log) => {
      const guard = await guardHome(home);
      await publishEndpoint(home, ENDPOINT, log);
      await guard();
      return readEndpoint(home.endpoint);
    },
    ENDPOINT,
  ],
  [
    'log',
    async (home, log) => {
      warnQuarantined(await quarantineIfUnusable(home.log, 'r+', Infinity), log);
      openLog(home.log, 'info', text => text).info('hello');
      return readFileSync(home.log, 'utf8').includes('hello');
    },
    true,
  ],
];

describe.each(OBSTACLES)('R19: $what', ({ put, harmless, missing }) => {
  test.skipIf(missing).for(PLACES)(
    `in the place of the %s is set aside${missing ? ` (skipped: ${missing})` : ''}`,
    async ([name, works, now]) => {
      at.clear();
      const { [name]: file } = at.home;
      put(file);
      await asAnyUser(at.folder, async () => expect(await works(at.home, at.log)).toEqual(now));
      expect([name, at.aside().length, at.logged.length]).toEqual(
        harmless === `as a ${name}` ? [name, 0, 0] : [name, 1, 1],
      );
      if (at.logged[0])
        expect(JSON.parse(at.logged[0])).toMatchObject({
          file,
          reason: expect.stringMatching(/^E/),
          aside: join(at.folder, at.aside()[0] ?? ''),
        });
    },
  );

  test.skipIf(missing)(
    `in the place of a note does not count as a missing note${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      at.clear();
      const journal = createJournal(at.home.journal);
      await journal.write('sent:x', NOTE);
      const [name = ''] = readdirSync(at.home.journal);
      rmSync(join(at.home.journal, name));
      put(join(at.home.journal, name));
      await asAnyUser(at.folder, async () => {
        const read = await journal.read('sent:x').catch((error: unknown) => error);
        if (harmless === 'as a note') expect(read).toBeUndefined();
        else
          expect(read).toMatchObject({ code: 'KA_STORE_UNREADABLE', details: { reason: expect.stringMatching(/^E/) } });
      });
    },
  );
});

const CONFIG = { 'keepalive.config.json': '{"plugins":["practice"]}' };
const OWN = [
  'states.json',
  'settings.json',
  'pages.json',
  'days.json',
  'notices.json',
  'endpoint.json',
  'history.jsonl',
  'keepalived.log',
];

describe('R19: a real daemon starts, keeps its session alive, and reports what it found', () => {
  const found = (what: string) => {
    const obstacle = OBSTACLES.find(candidate => candidate.what === what);
    if (!obstacle) throw new Error(`There is no obstacle "${what}".`);
    return obstacle;
  };
  const garbage = { put: (file: string) => writeFileSync(file, '{"version":1,"sessions":[\0'), missing: undefined };
  test.each([
    ['garbage', garbage, 'damaged', OWN.slice(0, 6)],
    ['a pipe without a writer', found('a pipe without a writer'), 'unreadable', OWN],
    ['a file that cannot be read', found('a file that cannot be read'), 'unreadable', OWN],
  ])('with %s in the place of every file', async (_what, obstacle, trouble, expected) => {
    if (obstacle.missing) return;
    const home = temporaryHome(CONFIG);
    for (const name of OWN) obstacle.put(join(home, name));
    // The prompt command does not wait either.
    expect(await run(KEEPALIVE, ['prompt'], home)).toMatchObject({ code: 0, stderr: '' });
    const daemon = await startDaemon(home, { uid: giveAway(home) });
    expect(await daemon.client.request('session/refresh', { id: 'practice' })).toMatchObject({
      state: { name: 'alive' },
    });
    expect(await daemon.client.request('session/history', {})).toHaveLength(1);
    const findings = (await daemon.client.request('doctor/run')).filter(({ message }) => message.includes('set aside'));
    for (const name of expected)
      expect(findings).toContainEqual(
        expect.objectContaining({ level: 'warning', message: expect.stringContaining(`${name} was ${trouble}`) }),
      );
    expect(findings).toHaveLength(expected.length);
    const log = readFileSync(join(home, 'keepalived.log'), 'utf8')
      .split('\n')
      .filter(line => line.includes('set aside'));
    for (const name of expected) expect(log).toContainEqual(expect.stringContaining(`${name}.${trouble}-`));
  });
});
