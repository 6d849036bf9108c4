import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEMPORARY } from '../support/io/temporary.ts';
import { ROOT } from '../support/sources.ts';
import { buildNodePackage, makeDebianRoot } from '../support/ways/debian-root.ts';
import { ending, missingOf, packInto, skipped } from '../support/ways/programs.ts';

const MISSING = process.getuid?.() === 0 ? missingOf('dpkg-deb', 'strip', 'mknod', 'chroot', 'ldd') : 'rights of root';
const NO_LINTIAN = missingOf('lintian');

describe.skipIf(MISSING)(`the package for Debian${skipped(MISSING)}`, () => {
  let folder: string;
  let root: string;
  let deb: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(TEMPORARY, 'keepalive-deb-'));
    root = join(folder, 'root');
    makeDebianRoot(root);
    const { code, output } = await ending(join(ROOT, 'packaging/debian/build-deb'), [packInto(folder), folder]);
    if (code !== 0) throw new Error(output);
    deb = join(folder, readdirSync(folder).find(name => name.endsWith('.deb')) ?? '');
  }, 900_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const dpkg = (...args: string[]) => ending('dpkg', [`--root=${root}`, '--force-not-root', ...args]);
  const env = { HOME: '/root', PATH: '/usr/bin:/usr/sbin', NO_COLOR: '1' };
  const keepalive = (...args: string[]) => ending('chroot', [root, 'keepalive', ...args], { env });

  test.skipIf(NO_LINTIAN)(`lintian has no objection${skipped(NO_LINTIAN)}`, async () => {
    const args = ['--allow-root', '--fail-on', 'error,warning', deb];
    expect(await ending('lintian', args)).toEqual({ code: 0, output: '' });
  });

  test('it is not configured with the Node of Debian 12, and is with a newer one', async () => {
    await dpkg('--install', buildNodePackage(folder, '18.20.4'));
    const refused = await dpkg('--install', deb);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('nodejs (>= 20.19)') });
    await dpkg('--install', buildNodePackage(folder, '20.20.2'));
    expect(await dpkg('--configure', '--pending')).toMatchObject({ code: 0 });
  });

  test('its program runs, and has a daemon in the background', async () => {
    const { version } = JSON.parse((await keepalive('--version', '--json')).output);
    expect(deb).toContain(`_${version}-1_`);
    expect(await keepalive('rpc', 'kernel/info')).toMatchObject({ code: 4 });
    expect(await keepalive('start')).toMatchObject({ code: 0 });
    expect(await keepalive('rpc', 'kernel/info')).toMatchObject({ code: 0 });
    expect(await keepalive('stop')).toMatchObject({ code: 0 });
  });

  test('it has completions and manual pages, and no program of the package keepalived', async () => {
    const { output } = await dpkg('--listfiles', 'session-keepalive');
    const files = output.split('\n');
    expect(
      files
        .filter(file => /^\/usr\/(bin|share\/[^/]+\/(vendor.)?completions(\.d)?)\/.|\/man1\/./.test(file))
        .toSorted(),
    ).toEqual([
      '/usr/bin/keepalive',
      '/usr/bin/session-keepalive',
      '/usr/share/bash-completion/completions/keepalive',
      '/usr/share/fish/vendor_completions.d/keepalive.fish',
      '/usr/share/man/man1/keepalive.1.gz',
      '/usr/share/man/man1/session-keepalive.1.gz',
      '/usr/share/zsh/vendor-completions/_keepalive',
    ]);
  });

  test('nothing of it is left once it is purged', async () => {
    const files = (await dpkg('--listfiles', 'session-keepalive')).output.split('\n');
    expect(await dpkg('--purge', 'session-keepalive')).toMatchObject({ code: 0 });
    const left = new Set(
      readdirSync(join(root, 'usr'), { recursive: true, encoding: 'utf8' }).map(name => `/usr/${name}`),
    );
    expect(files.filter(file => left.has(file) && /keepalive/.test(file))).toEqual([]);
    expect((await dpkg('--list', 'session-keepalive')).code).toBe(1);
  });
});
