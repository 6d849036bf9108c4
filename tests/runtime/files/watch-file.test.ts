import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { watchFile, type WatchDeps } from '../../../runtime/files/watch-file.ts';
import { temporaryFolder } from '../../support/real-context.ts';

/** Each call resolves at the next change. */
function watching(path: string, deps?: WatchDeps) {
  let count = 0;
  let report: (() => void) | undefined;
  onTestFinished(
    watchFile(
      path,
      () => {
        count += 1;
        report?.();
      },
      deps,
    ),
  );
  return {
    count: () => count,
    change: async (make: () => Promise<unknown>) => {
      const heard = new Promise<void>(resolve => (report = resolve));
      await make();
      await heard;
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

test('creating, writing, replacing and removing a file is noticed, repeatedly', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'a.json');
  const { change, count } = watching(file);
  await change(() => writeFile(file, '1'));
  await change(() => writeFile(file, '22'));
  await change(() => replace(file, '333'));
  await change(() => replace(file, '4444'));
  await change(() => rm(file));
  await change(() => replace(file, '55555'));
  expect(count()).toBeGreaterThanOrEqual(6);
});

test('missing folders are waited for', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'later', 'still later', 'a.json');
  const { change, count } = watching(file);
  await change(async () => {
    await mkdir(join(folder, 'later', 'still later'), { recursive: true });
    await writeFile(file, '1');
  });
  await change(() => replace(file, '22'));
  expect(count()).toBeGreaterThanOrEqual(2);
});

test('a symbolic link is followed, also to a new target', async () => {
  const folder = await temporaryFolder();
  const [file, link] = [join(folder, 'real', 'a.json'), join(folder, 'link')];
  await mkdir(join(folder, 'real'));
  await writeFile(file, '1');
  await symlink(file, link);
  const { change, count } = watching(link);
  await change(() => replace(file, '22'));
  await change(() => replace(file, '333'));
  await change(() => replace(link, '4444'));
  expect(count()).toBeGreaterThanOrEqual(3);
});

/** Points the link elsewhere in one step, as package managers and dotfile tools do. */
async function point(link: string, target: string): Promise<void> {
  await symlink(target, `${link}.new`);
  await rename(`${link}.new`, link);
}

test.each([
  ['absolute', (folder: string, name: string) => join(folder, name)],
  ['relative', (_folder: string, name: string) => name],
])('a new target of a link (%s) above the file is noticed and followed', async (_name, target) => {
  const folder = await temporaryFolder();
  for (const [name, text] of [
    ['one', '1'],
    ['two', '22'],
  ] as const) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'a.json'), text);
  }
  await symlink(target(folder, 'one'), join(folder, 'current'));
  const { change, count } = watching(join(folder, 'current', 'a.json'));
  await change(() => replace(join(folder, 'one', 'a.json'), '333'));
  await change(() => point(join(folder, 'current'), target(folder, 'two')));
  await change(() => replace(join(folder, 'two', 'a.json'), '4444'));
  expect(count()).toBeGreaterThanOrEqual(3);
});

test('each link of a chain is watched', async () => {
  const folder = await temporaryFolder();
  for (const name of ['one', 'two', 'links']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'one', 'a.json'), '1');
  await writeFile(join(folder, 'two', 'a.json'), '22');
  await symlink('../one', join(folder, 'links', 'inner'));
  await symlink(join('links', 'inner', 'a.json'), join(folder, 'outer.json'));
  const { change, count } = watching(join(folder, 'outer.json'));
  await change(() => replace(join(folder, 'one', 'a.json'), '333'));
  await change(() => point(join(folder, 'links', 'inner'), '../two'));
  await change(() => replace(join(folder, 'two', 'a.json'), '4444'));
  expect(count()).toBeGreaterThanOrEqual(3);
});

test('broken links and circles of links are waited for', async () => {
  const folder = await temporaryFolder();
  const [here, there] = [join(folder, 'here'), join(folder, 'there')];
  await symlink(there, here);
  await symlink(here, there);
  const { change, count } = watching(join(here, 'a.json'));
  await change(async () => {
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real', 'a.json'), '1');
    await point(there, 'real');
  });
  expect(count()).toBeGreaterThanOrEqual(1);
});

test('a folder that is removed and created again is followed', async () => {
  const folder = join(await temporaryFolder(), 'home');
  const file = join(folder, 'a.json');
  await mkdir(folder);
  await writeFile(file, '1');
  const { change, count } = watching(file);
  for (const text of ['22', '333']) {
    await change(() => rm(folder, { recursive: true }));
    await change(async () => {
      await mkdir(folder);
      await writeFile(file, text);
    });
  }
  await change(() => replace(file, '4444'));
  expect(count()).toBeGreaterThanOrEqual(5);
});

test('a folder that is replaced by another one is followed', async () => {
  const folder = await temporaryFolder();
  for (const name of ['home', 'next']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'next', 'a.json'), '1');
  const { change, count } = watching(join(folder, 'home', 'a.json'));
  await change(async () => {
    await rename(join(folder, 'home'), join(folder, 'old'));
    await rename(join(folder, 'next'), join(folder, 'home'));
  });
  await change(() => replace(join(folder, 'home', 'a.json'), '22'));
  expect(count()).toBeGreaterThanOrEqual(2);
});

describe('if the system reports nothing', () => {
  /** A system whose watches fail with `code` while it is set. The test triggers polling. */
  function blind(code?: string) {
    const system: {
      code: string | undefined;
      watches: number;
      look: () => void;
      lookOften?: (() => void) | undefined;
    } = {
      code,
      watches: 0,
      look: () => undefined,
    };
    const deps: WatchDeps = {
      watch(folder, changed) {
        if (system.code !== undefined) throw Object.assign(new Error(system.code), { code: system.code });
        system.watches += 1;
        return watch(folder, { persistent: false }, changed);
      },
      poll: look => {
        system.look = look;
        return () => undefined;
      },
      pollOften: look => {
        system.lookOften = look;
        return () => {
          system.lookOften = undefined;
        };
      },
    };
    return { system, deps };
  }

  test.each(['ENOSPC', 'EMFILE', 'EACCES'])('without watches (%s), polling notices a change', async code => {
    const file = join(await temporaryFolder(), 'a.json');
    const { system, deps } = blind(code);
    const { change, count } = watching(file, deps);
    for (const text of ['1', '22']) {
      await change(async () => {
        await replace(file, text);
        system.look();
      });
    }
    expect(count()).toBeGreaterThanOrEqual(2);
  });

  test('it is watched again as soon as the system allows it', async () => {
    const file = join(await temporaryFolder(), 'a.json');
    const { system, deps } = blind('ENOSPC');
    const { change, count } = watching(file, deps);
    system.code = undefined;
    system.look();
    await vi.waitUntil(() => system.watches > 0, 15_000);
    await change(() => replace(file, '1'));
    expect(count()).toBeGreaterThanOrEqual(1);
  });

  test('a missing file is looked for often until it is there, one that is there is not', async () => {
    const file = join(await temporaryFolder(), 'later', 'a.json');
    const { system, deps } = blind('ENOSPC');
    const { change } = watching(file, deps);
    const look = await vi.waitUntil(() => system.lookOften, 15_000);
    await change(async () => {
      await mkdir(join(file, '..'));
      await replace(file, '1');
      look();
    });
    expect(system.lookOften).toBeUndefined();
    await rm(file);
    system.look();
    await vi.waitUntil(() => system.lookOften, 15_000);
  });

  test('a missing file that is watched is not looked for often', async () => {
    const { system, deps } = blind();
    watching(join(await temporaryFolder(), 'a.json'), deps);
    await vi.waitUntil(() => system.watches > 0, 15_000);
    expect(system.lookOften).toBeUndefined();
  });

  test('a file that becomes readable is noticed', async () => {
    const file = join(await temporaryFolder(), 'a.json');
    await writeFile(file, '1', { mode: 0o000 });
    const { system, deps } = blind('ENOSPC');
    const { change, count } = watching(file, deps);
    await change(async () => {
      await chmod(file, 0o600);
      system.look();
    });
    expect(count()).toBeGreaterThanOrEqual(1);
  });

  test('a folder that was replaced around its file is watched again once the file changes', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'home', 'a.json');
    await mkdir(join(folder, 'home'));
    await writeFile(file, '1');
    const { system, deps } = blind();
    const mute: WatchDeps = { ...deps, watch: from => deps.watch(from, () => undefined) };
    const { change, count } = watching(file, mute);
    await vi.waitUntil(() => system.watches > 0, 15_000);
    const { watches } = system;
    await rename(join(folder, 'home'), join(folder, 'old'));
    await mkdir(join(folder, 'home'));
    await rename(join(folder, 'old', 'a.json'), file);
    system.look();
    await change(async () => {
      await replace(file, '22');
      system.look();
    });
    expect(count()).toBe(1);
    await vi.waitUntil(() => system.watches > watches, 15_000);
  });

  test('polling an unchanged file reports nothing', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'a.json');
    await writeFile(file, '1');
    const { system, deps } = blind('ENOSPC');
    const { change, count } = watching(file, deps);
    for (let at = 0; at < 20; at += 1) system.look();
    await change(async () => {
      await replace(file, '22');
      system.look();
    });
    expect(count()).toBe(1);
  });
});
