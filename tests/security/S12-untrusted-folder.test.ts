import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findConfig } from '../../config/find.ts';
import { makePlugin } from '../../runtime/load-module.ts';
import { prepareHome } from '../../runtime/files/folder.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { looseAt } from '../../sdk/config-file/loose.ts';
import { actAs, CAN_ACT, folderOf, OTHER_USER, USER, WHY_NOT } from '../support/daemon/other-user.ts';

const CONFIG = 'home/keepalive.config.mjs';
const RUNS = "globalThis.looseCodeRan = true; export default { plugins: ['codex'] };";
const PLUGIN = "globalThis.looseCodeRan = true; export default () => ({ kind: 'notifier', id: 'mine', raise() {} });";
const homeOf = (folder: string) => locateHome({ KEEPALIVE_HOME: join(folder, 'home') });

type Weakness = readonly [what: string, loosen: (file: string) => void, why: RegExp];

/** Ways in which another user could control the content of a file. */
const LOOSE: readonly Weakness[] = [
  ['belongs to another user', file => chownSync(file, OTHER_USER, OTHER_USER), /belongs to another user/],
  ['is world-writable', file => chmodSync(file, 0o666), /every user/],
  [
    'is group-writable',
    file => {
      chownSync(file, USER, OTHER_USER);
      chmodSync(file, 0o660);
    },
    /its group/,
  ],
  [
    "is in another user's folder",
    file => {
      chownSync(dirname(file), OTHER_USER, OTHER_USER);
      chmodSync(dirname(file), 0o755);
    },
    /belongs to another user/,
  ],
  ['is in a world-writable folder', file => chmodSync(dirname(file), 0o777), /every user/],
  ['is below a world-writable folder', file => chmodSync(dirname(dirname(file)), 0o777), /every user/],
  [
    "is another user's link to the user's file",
    file => {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
      lchownSync(file, OTHER_USER, OTHER_USER);
    },
    /belongs to another user/,
  ],
  [
    "is a link to another user's file",
    file => {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
      lchownSync(file, USER, USER);
      chownSync(`${file}.real`, OTHER_USER, OTHER_USER);
    },
    /\.real belongs to another user/,
  ],
  [
    'is a link to a link in a world-writable folder',
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
  test.each(LOOSE)('if it %s', async (_what, loosen, why) => {
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

  test("control: the user's own is run, also below /tmp, where the sticky bit protects it", async () => {
    const folder = folderOf(USER, { [CONFIG]: "export default { plugins: ['codex'] };" });
    expect(await actAs(USER, () => findConfig(homeOf(folder), undefined))).toMatchObject({ plugins: ['codex'] });
  });

  test('a configuration that the user names is run', async () => {
    const folder = folderOf(USER, { [CONFIG]: "export default { plugins: ['codex'] };" });
    chmodSync(join(folder, CONFIG), 0o666);
    expect(await actAs(USER, () => findConfig(homeOf(folder), join(folder, CONFIG)))).toMatchObject({
      plugins: ['codex'],
      vetting: { by: 'name' },
    });
  });

  test('a configuration that belongs to root is run', async () => {
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

  test.each(LOOSE)('if it %s', async (_what, loosen, why) => {
    const folder = folderOf(USER, { 'home/mine.mjs': PLUGIN });
    loosen(join(folder, 'home/mine.mjs'));
    const refusal: unknown = await load(folder, 'owner').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'KA_PLUGIN_UNTRUSTED', details: { module: './mine.mjs' } });
    expect(isKeepaliveError(refusal) && refusal.cause).toMatchObject({ message: expect.stringMatching(why) });
    expect('looseCodeRan' in globalThis).toBe(false);
  });

  test('unless the user named its configuration', async () => {
    const folder = folderOf(USER, { 'home/mine.mjs': PLUGIN.replace('globalThis.looseCodeRan = true; ', '') });
    chmodSync(join(folder, 'home/mine.mjs'), 0o666);
    expect(await load(folder, 'name')).toMatchObject({ plugin: { id: 'mine' } });
  });
});

describe.skipIf(!CAN_ACT)(`a home that others could write to${WHY_NOT}`, () => {
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

  test("is closed, and another user's files, folders, links and journal notes in it are set aside", async () => {
    const names = await prepared(
      { 'home/states.json': STATES, 'home/settings.json': '{}', 'home/journal/note': 'token' },
      home => {
        chmodSync(home, 0o777);
        for (const name of ['states.json', 'journal/note']) chownSync(join(home, name), OTHER_USER, OTHER_USER);
        mkdirSync(join(home, 'cache'));
        chownSync(join(home, 'cache'), OTHER_USER, OTHER_USER);
        symlinkSync('/etc/hostname', join(home, 'history.jsonl'));
        lchownSync(join(home, 'history.jsonl'), OTHER_USER, OTHER_USER);
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

  test("sets aside the user's own files that others could have written", async () => {
    const names = await prepared({ 'home/states.json': STATES, 'home/settings.json': '{}' }, home => {
      chmodSync(home, 0o777);
      chmodSync(join(home, 'states.json'), 0o666);
    });
    expect(names).toEqual(['settings.json', 'states.json.foreign-TIME']);
  });

  test('keeps its files of any mode if it was always closed', async () => {
    const names = await prepared({ 'home/states.json': STATES }, home => {
      chmodSync(home, 0o700);
      chmodSync(join(home, 'states.json'), 0o666);
    });
    expect(names).toEqual(['states.json']);
  });

  test("sets aside another user's files if it was closed by hand later", async () => {
    expect(
      await prepared({ 'home/settings.json': '{}' }, home =>
        chownSync(join(home, 'settings.json'), OTHER_USER, OTHER_USER),
      ),
    ).toEqual(['settings.json.foreign-TIME']);
  });
});

describe.skipIf(!CAN_ACT)(`permissions of others${WHY_NOT}`, () => {
  test("an unlisted group with the user's own id counts as the user's", async () => {
    const folder = folderOf(USER, { file: '' });
    chmodSync(join(folder, 'file'), 0o660);
    expect(await actAs(USER, () => looseAt(join(folder, 'file')))).toBeUndefined();
  });

  test("a folder above the user's home counts as the system's", async () => {
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
