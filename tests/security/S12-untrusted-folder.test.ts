import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findConfig } from '../../kernel/config/find.ts';
import { makePlugin } from '../../runtime/load-module.ts';
import { prepareHome } from '../../server/endpoint.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { looseAt } from '../../sdk/config-file/loose.ts';
import { actAs, CAN_ACT, folderOf, STRANGER, USER, WHY_NOT } from '../support/daemon/other-user.ts';

const CONFIG = 'home/keepalive.config.mjs';
const RUNS = "globalThis.looseCodeRan = true; export default { plugins: ['codex'] };";
const PLUGIN = "globalThis.looseCodeRan = true; export default () => ({ kind: 'notifier', id: 'mine', raise() {} });";
const homeOf = (folder: string) => locateHome({ KEEPALIVE_HOME: join(folder, 'home') });

type Loosening = readonly [what: string, loosen: (file: string) => void, why: RegExp];

/** What lets a stranger decide what is in a file of the user's. */
const LOOSE: readonly Loosening[] = [
  ["is a stranger's", file => chownSync(file, STRANGER, STRANGER), /belongs to another user/],
  ['can be written by everybody', file => chmodSync(file, 0o666), /every user/],
  [
    'can be written by a group',
    file => {
      chownSync(file, USER, STRANGER);
      chmodSync(file, 0o660);
    },
    /its group/,
  ],
  [
    "is in a stranger's folder",
    file => {
      chownSync(dirname(file), STRANGER, STRANGER);
      chmodSync(dirname(file), 0o755);
    },
    /belongs to another user/,
  ],
  ['is in a folder that everybody can write', file => chmodSync(dirname(file), 0o777), /every user/],
  ['is below a folder that everybody can write', file => chmodSync(dirname(dirname(file)), 0o777), /every user/],
  [
    "is a stranger's link to a file of the user's",
    file => {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
      lchownSync(file, STRANGER, STRANGER);
    },
    /belongs to another user/,
  ],
  [
    "is a link to a stranger's file",
    file => {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
      lchownSync(file, USER, USER);
      chownSync(`${file}.real`, STRANGER, STRANGER);
    },
    /\.real belongs to another user/,
  ],
  [
    'is a link to a link in a folder that everybody can write',
    file => {
      const open = join(dirname(dirname(file)), 'open');
      mkdirSync(open);
      chmodSync(open, 0o777);
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, join(open, 'link'));
      symlinkSync(join(open, 'link'), file);
      for (const link of [file, join(open, 'link')]) lchownSync(link, USER, USER);
    },
    /open can be written/,
  ],
];

describe.skipIf(!CAN_ACT)(`a configuration is refused before it is run${WHY_NOT}`, () => {
  test.each(LOOSE)('where it %s', async (_what, loosen, why) => {
    const folder = folderOf(USER, { [CONFIG]: RUNS });
    const file = join(folder, CONFIG);
    loosen(file);
    await actAs(USER, async () => {
      await expect(findConfig(homeOf(folder), undefined)).rejects.toMatchObject({
        code: 'KA_CONFIG_INVALID',
        details: { file, problems: [{ path: '', message: expect.stringMatching(why) }] },
      });
    });
    expect('looseCodeRan' in globalThis).toBe(false);
  });

  test("the control: the user's own is run, also below /tmp, where everybody can make a file and nobody replace another's", async () => {
    const folder = folderOf(USER, { [CONFIG]: "export default { plugins: ['codex'] };" });
    expect(await actAs(USER, () => findConfig(homeOf(folder), undefined))).toMatchObject({ plugins: ['codex'] });
  });

  test('a person who names it insists on it', async () => {
    const folder = folderOf(USER, { [CONFIG]: "export default { plugins: ['codex'] };" });
    chmodSync(join(folder, CONFIG), 0o666);
    expect(await actAs(USER, () => findConfig(homeOf(folder), join(folder, CONFIG)))).toMatchObject({
      plugins: ['codex'],
      vetting: { by: 'name' },
    });
  });

  test("the system's own is run", async () => {
    const folder = folderOf(USER, { [CONFIG]: "export default { plugins: ['codex'] };" });
    chownSync(join(folder, CONFIG), 0, 0);
    chmodSync(join(folder, CONFIG), 0o644);
    expect(await actAs(USER, () => findConfig(homeOf(folder), undefined))).toMatchObject({ plugins: ['codex'] });
  });
});

describe.skipIf(!CAN_ACT)(`a plugin's file is refused before it is run${WHY_NOT}`, () => {
  const load = (folder: string, by: 'owner' | 'name') =>
    actAs(USER, () =>
      makePlugin(
        { name: './mine.mjs', options: {} },
        { base: join(folder, CONFIG), stateDir: join(folder, 'home'), vetting: { by } },
      ),
    );

  test.each(LOOSE)('where it %s', async (_what, loosen, why) => {
    const folder = folderOf(USER, { 'home/mine.mjs': PLUGIN });
    loosen(join(folder, 'home/mine.mjs'));
    const refusal: unknown = await load(folder, 'owner').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'KA_PLUGIN_UNTRUSTED', details: { module: './mine.mjs' } });
    expect(isKeepaliveError(refusal) && refusal.cause).toMatchObject({ message: expect.stringMatching(why) });
    expect('looseCodeRan' in globalThis).toBe(false);
  });

  test('unless its configuration was named', async () => {
    const folder = folderOf(USER, { 'home/mine.mjs': PLUGIN.replace('globalThis.looseCodeRan = true; ', '') });
    chmodSync(join(folder, 'home/mine.mjs'), 0o666);
    expect(await load(folder, 'name')).toMatchObject({ id: 'mine' });
  });
});

describe.skipIf(!CAN_ACT)(`a home that others could write${WHY_NOT}`, () => {
  const STATES = '{"version":1,"sessions":{}}';
  const prepared = async (
    files: Readonly<Record<string, string>>,
    before: (home: string) => void,
  ): Promise<readonly string[]> => {
    const folder = folderOf(USER, files);
    before(join(folder, 'home'));
    await actAs(USER, () => prepareHome(homeOf(folder)));
    return readdirSync(join(folder, 'home'), { recursive: true, encoding: 'utf8' })
      .map(name => name.replace(/\d+$/, 'TIME'))
      .toSorted();
  };

  test('is closed, and what a stranger left among our files is set aside: a file, a folder, a link, a note in the journal', async () => {
    const names = await prepared(
      { 'home/states.json': STATES, 'home/settings.json': '{}', 'home/journal/note': 'token' },
      home => {
        chmodSync(home, 0o777);
        for (const name of ['states.json', 'journal/note']) chownSync(join(home, name), STRANGER, STRANGER);
        mkdirSync(join(home, 'cache'));
        chownSync(join(home, 'cache'), STRANGER, STRANGER);
        symlinkSync('/etc/hostname', join(home, 'history.jsonl'));
        lchownSync(join(home, 'history.jsonl'), STRANGER, STRANGER);
      },
    );
    expect(names).toEqual([
      'cache.foreign-TIME',
      'history.jsonl.foreign-TIME',
      'journal',
      'journal/note.foreign-TIME',
      'settings.json',
      'states.json.foreign-TIME',
    ]);
  });

  test("leaves nothing of the user's in use that others could write meanwhile", async () => {
    const names = await prepared({ 'home/states.json': STATES, 'home/settings.json': '{}' }, home => {
      chmodSync(home, 0o777);
      chmodSync(join(home, 'states.json'), 0o666);
    });
    expect(names).toEqual(['settings.json', 'states.json.foreign-TIME']);
  });

  test('one that was closed all the time keeps its files, whatever their mode', async () => {
    const names = await prepared({ 'home/states.json': STATES }, home => {
      chmodSync(home, 0o700);
      chmodSync(join(home, 'states.json'), 0o666);
    });
    expect(names).toEqual(['states.json']);
  });

  test('what a stranger left before it was closed by hand is set aside too', async () => {
    expect(
      await prepared({ 'home/settings.json': '{}' }, home =>
        chownSync(join(home, 'settings.json'), STRANGER, STRANGER),
      ),
    ).toEqual(['settings.json.foreign-TIME']);
  });
});

describe.skipIf(!CAN_ACT)(`who else may write${WHY_NOT}`, () => {
  test("a group of the user's number that no file of the system lists is the user's own", async () => {
    const folder = folderOf(USER, { file: '' });
    chmodSync(join(folder, 'file'), 0o660);
    expect(await actAs(USER, () => looseAt(join(folder, 'file')))).toBeUndefined();
  });

  test("a folder above the user's home is the system's, whatever it looks like", async () => {
    const home = process.env['HOME'];
    const folder = folderOf(USER, { 'user/file': '' });
    chmodSync(folder, 0o777);
    try {
      process.env['HOME'] = join(folder, 'user');
      expect(await actAs(USER, () => looseAt(join(folder, 'user/file')))).toBeUndefined();
      process.env['HOME'] = '/root';
      expect(await actAs(USER, () => looseAt(join(folder, 'user/file')))).toMatchObject({ path: folder });
    } finally {
      process.env['HOME'] = home;
    }
  });
});
