import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS, refuseNewerHome } from '../../state/migrations.ts';
import { openSettings } from '../../state/settings.ts';
import { openStateFile } from '../../state/states.ts';
import { openStates } from '../support/io/open-states.ts';
import { recall } from '../../runtime/files/own-file.ts';
import { migrate, type Versions } from '../../runtime/files/versions.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { locateHome, type Home } from '../../sdk/system/home.ts';
import { temporaryFolder } from '../support/real-context.ts';

let folder: string;
let home: Home;
let lines: string[];
let log: KernelLog;

beforeEach(async () => {
  folder = await temporaryFolder();
  home = locateHome({ KEEPALIVE_HOME: folder });
  lines = [];
  log = pino({ level: 'info' }, { write: line => void lines.push(line) });
});

const names = () => readdirSync(folder).toSorted();
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));

const alive = { name: 'alive', wakeAt: 1, wakeWhy: 'every 30m', mood: 'good' };
const record = { displayName: 'Codex', state: alive, lastSuccessAt: 1, since: { version: '9.9' } };
const notice = {
  id: 'a:failing',
  session: 'a',
  level: 'error',
  code: 'failing',
  title: 'A cannot be kept alive',
  body: '',
  raisedAt: 1,
  seenBy: ['tray'],
};
const STATES = { version: 1, writtenBy: '9.9', sessions: { codex: record }, notices: [notice] };

describe('members that another version added are kept through a read and a write', () => {
  test('in the state file: of the file, of each record, of a state, of each notice', async () => {
    write('states.json', STATES);
    const store = await openStates(home, log);
    await store.put('new', {
      displayName: 'New',
      state: { name: 'idle', failures: 0, wakeAt: 1, wakeWhy: 'at start' },
    });
    for (const notice of store.notices) await store.raise({ ...notice });
    await store.close();
    expect(read('states.json')).toEqual({
      ...STATES,
      changes: expect.any(String),
      sessions: { ...STATES.sessions, new: expect.anything() },
    });
    expect(names()).toEqual(['states.json']);
    expect(lines).toEqual([]);
  });

  test('in a record that changes', async () => {
    write('states.json', STATES);
    const store = await openStates(home, log);
    const known = store.sessions.get('codex');
    if (known) await store.put('codex', { ...known, lastSuccessAt: 2 });
    await store.flush();
    expect(read('states.json')).toMatchObject({ sessions: { codex: { ...record, lastSuccessAt: 2 } } });
  });

  test('in the settings: of the file and of each policy, which is used without them', async () => {
    write('settings.json', { version: 1, theme: 'dark', sessions: { codex: { retries: 2, quiet: ['7d'] } } });
    const settings = await openSettings(home.settings, log);
    expect(settings.of('codex')).toEqual({ retries: 2 });
    await settings.change('codex', { jitter: 0.2, retries: null });
    await settings.change('claude', { enabled: false });
    expect(read('settings.json')).toEqual({
      version: 1,
      theme: 'dark',
      sessions: { codex: { quiet: ['7d'], jitter: 0.2 }, claude: { enabled: false } },
    });
    expect((await openSettings(home.settings, log)).of('codex')).toEqual({ jitter: 0.2 });
    expect(names()).toEqual(['settings.json']);
  });
});

test('a member that is nested too deeply is damaged: it is dropped, and the rest is kept', async () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const text = `{"version":1,"deep":${deep},"sessions":{"codex":${JSON.stringify(record)}},"notices":[]}`;
  writeFileSync(home.states, text);
  const store = await openStates(home, log);
  expect([...store.sessions]).toEqual([['codex', record]]);
  const aside = names().find(name => name.startsWith('states.json.damaged-')) ?? '';
  expect(readFileSync(join(folder, aside), 'utf8')).toBe(text);
});

describe('a file that a newer version wrote', () => {
  const open = {
    'states.json': () => openStateFile(home, log),
    'settings.json': () => openSettings(home.settings, log),
  };
  test.each(['states.json', 'settings.json'] as const)('%s is refused and left as it is', async name => {
    const text = ` {"version": 2, "sessions": [], "sessions": 3}\n`;
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o640 });
    const before = statSync(file).mtimeMs;
    const error = { code: 'KA_HOME_NEWER', details: { file, version: 2, known: 1 } };
    await expect(refuseNewerHome(home)).rejects.toMatchObject(error);
    await expect(open[name]()).rejects.toMatchObject(error);
    expect(names()).toEqual([name]);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(statSync(file)).toMatchObject({ mtimeMs: before, mode: 0o100640 });
    expect(lines).toEqual([]);
  });

  test.each(['"2"', '1.5', 'null', '-1', '0', '1e999', '99999999999999999999'])(
    'is not assumed for the version %s: that file is damaged',
    async version => {
      const text = `{"version":${version},"sessions":{"codex":${JSON.stringify(record)}},"notices":[]}`;
      writeFileSync(home.states, text);
      await refuseNewerHome(home);
      expect([...(await openStateFile(home, log)).sessions]).toEqual([['codex', record]]);
      const aside = names().find(name => name.startsWith('states.json.damaged-')) ?? '';
      expect(readFileSync(join(folder, aside), 'utf8')).toBe(text);
    },
  );

  test.each(['no file', 'no JSON', 'a folder'])('is not assumed for %s', async what => {
    if (what === 'no JSON') writeFileSync(home.states, '{"version": 2');
    if (what === 'a folder') await import('node:fs/promises').then(({ mkdir }) => mkdir(home.settings));
    await expect(refuseNewerHome(home)).resolves.toBeUndefined();
  });
});

/** A format in its third version: `name` became `names`, then an object by id. */
const versions: Versions = {
  current: 3,
  steps: {
    1: ({ name, ...rest }) => ({ ...rest, names: [String(name)] }),
    2: ({ names: list, ...rest }) => {
      if (!Array.isArray(list)) throw new TypeError('names is no array');
      return { ...rest, byId: Object.fromEntries(list.map((name: unknown) => [String(name), true])) };
    },
  },
};
const understand = (json: unknown) => ({ byId: {}, ...Object(json), version: 3 });

describe('a file of an older version', () => {
  const file = () => join(folder, 'own.json');

  test('is migrated step by step, and the old file is kept beside it', async () => {
    const text = '{ "version": 1, "name": "codex", "extra": 5 }';
    writeFileSync(file(), text);
    const migrated = { version: 3, byId: { codex: true }, extra: 5 };
    expect(await recall(file(), log, { versions, understand })).toEqual(migrated);
    expect(read('own.json')).toEqual(migrated);
    expect(names()).toEqual(['own.json', 'own.json.v1']);
    expect(readFileSync(`${file()}.v1`, 'utf8')).toBe(text);
    expect(statSync(`${file()}.v1`).mode & 0o777).toBe(0o600);
    expect(lines.map(line => JSON.parse(line))).toEqual([
      expect.objectContaining({ from: 1, to: 3, kept: `${file()}.v1` }),
    ]);
  });

  test('is migrated once, so the next read finds the current version', async () => {
    write('own.json', { version: 2, names: ['a'] });
    await recall(file(), log, { versions, understand });
    const before = statSync(file()).mtimeMs;
    expect(await recall(file(), log, { versions, understand })).toEqual({ version: 3, byId: { a: true } });
    expect(names()).toEqual(['own.json', 'own.json.v2']);
    expect(statSync(file()).mtimeMs).toBe(before);
  });

  test.each([
    ['no step leads on from', { version: 0, byId: { a: true } }],
    ['a step cannot read', { version: 2, names: 'a' }],
  ])('that %s is damaged and set aside unchanged', async (_why, content) => {
    write('own.json', content);
    await recall(file(), log, { versions, understand });
    const aside = names().find(name => name.startsWith('own.json.damaged-')) ?? '';
    expect(read(aside)).toEqual(content);
    expect(existsSync(`${file()}.v2`)).toBe(false);
  });
});

test.each(Object.entries(MIGRATIONS))(
  'from every older version of %s, steps lead to the current one',
  (_name, format) => {
    for (const from of Object.keys(format.steps).map(Number)) {
      expect(from).toBeLessThan(format.current);
      expect(migrate({ version: from }, format)).toMatchObject({ version: format.current });
    }
    expect(Object.keys(format.steps)).toHaveLength(format.current - 1);
  },
);
