import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openSettings } from '../../state/settings.ts';
import { silentLog } from '../../runtime/log/log.ts';
import { temporaryFolder } from '../support/real-context.ts';

let file: string;

beforeEach(async () => {
  file = join(await temporaryFolder(), 'settings.json');
});

const open = () => openSettings(file, silentLog());

test('a change is on disk when it resolves, and the next start reads it', async () => {
  const settings = await open();
  await settings.change('codex', { retries: 2, enabled: false });
  expect((await open()).of('codex')).toEqual({ retries: 2, enabled: false });
  expect((await open()).of('claude')).toEqual({});
});

test('null resets one member to the configuration; a session without changes is removed from the file', async () => {
  const settings = await open();
  await settings.change('codex', { retries: 2, jitter: 0.5 });
  await settings.change('codex', { retries: null });
  expect(settings.of('codex')).toEqual({ jitter: 0.5 });
  await settings.change('codex', { jitter: null });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 1, sessions: {} });
});

test('a session may have any id', async () => {
  const settings = await open();
  expect(settings.of('constructor')).toEqual({});
  await settings.change('constructor', { retries: 2 });
  expect((await open()).of('constructor')).toEqual({ retries: 2 });
});

test('an invalid policy is refused, and nothing changes', async () => {
  const settings = await open();
  await expect(settings.change('codex', { retries: -1 })).rejects.toThrow('retries');
  expect(settings.of('codex')).toEqual({});
  expect(existsSync(file)).toBe(false);
});

test('what cannot be written does not count', async () => {
  const settings = await open();
  await settings.change('codex', { retries: 2 });
  rmSync(file);
  mkdirSync(join(file, 'in the way'), { recursive: true });
  const refused = { code: 'KA_HOME_UNUSABLE', details: { file, reason: expect.stringMatching(/EISDIR|EPERM/) } };
  await expect(settings.change('codex', { retries: 5 })).rejects.toMatchObject(refused);
  await expect(settings.change('claude', { enabled: false })).rejects.toMatchObject(refused);
  await expect(settings.switchNotifier('notify-desktop', false)).rejects.toMatchObject(refused);
  await expect(settings.add(addition('work'))).rejects.toMatchObject(refused);
  const { added } = settings;
  expect([settings.of('codex'), settings.of('claude'), settings.isNotifierOn('notify-desktop'), added]).toEqual([
    { retries: 2 },
    {},
    true,
    [],
  ]);
  rmSync(file, { recursive: true });
  await settings.change('gemini', { retries: 1 });
  expect(JSON.parse(readFileSync(file, 'utf8')).sessions).toEqual({ codex: { retries: 2 }, gemini: { retries: 1 } });
});

test('damaged settings of one session do not affect the others', async () => {
  writeFileSync(file, JSON.stringify({ version: 1, sessions: { codex: { retries: 'two' }, claude: { retries: 2 } } }));
  const settings = await open();
  expect([settings.of('codex'), settings.of('claude')]).toEqual([{}, { retries: 2 }]);
  expect(readdirSync(dirname(file)).filter(name => name.includes('.damaged-'))).toHaveLength(1);
});

const addition = (id: string) => ({ plugin: 'codex', options: { id } });

test('an added session is on disk when it resolves, and is removed with its policy', async () => {
  const settings = await open();
  await settings.add(addition('work'));
  await settings.add(addition('home'));
  await settings.change('work', { retries: 2 });
  expect((await open()).added).toEqual([addition('work'), addition('home')]);
  await settings.remove('work');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 1, sessions: {}, added: [addition('home')] });
});

test('the policy stays if the id belongs to a session of the configuration too', async () => {
  const settings = await open();
  await settings.add(addition('work'));
  await settings.change('work', { retries: 2 });
  await settings.remove('work', { keepPolicy: true });
  expect([settings.added, settings.of('work')]).toEqual([[], { retries: 2 }]);
});

test('changes at the same time are all on disk', async () => {
  const settings = await open();
  const ids = Array.from({ length: 20 }, (_, n) => `s${n}`);
  await Promise.all(ids.flatMap(id => [settings.add(addition(id)), settings.change(id, { retries: 2 })]));
  const again = await open();
  expect(again.added).toEqual(ids.map(addition));
  expect(ids.map(id => again.of(id))).toEqual(ids.map(() => ({ retries: 2 })));
});

test('a damaged added session, or one with the id of another, is left out; unknown members stay', async () => {
  const newer = { ...addition('work'), since: 5 };
  const added = [newer, { plugin: 'codex' }, 7, { plugin: 'codex', options: { id: 'work', home: '/x' } }];
  writeFileSync(file, JSON.stringify({ version: 1, sessions: {}, added, later: true }));
  const settings = await open();
  expect(settings.added).toEqual([newer]);
  await settings.add(addition('home'));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ added: [newer, addition('home')], later: true });
});

test('an added session that cannot be written is not added', async () => {
  const settings = await open();
  rmSync(dirname(file), { recursive: true });
  await expect(settings.add(addition('work'))).rejects.toMatchObject({ details: { reason: 'ENOENT' } });
  expect(settings.added).toEqual([]);
});
