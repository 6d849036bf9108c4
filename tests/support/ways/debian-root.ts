import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Makes the root of a Debian system in which nothing is installed. */
export function makeDebianRoot(root: string): void {
  for (const folder of ['dev', 'tmp', 'root', 'var/lib/dpkg/info', 'var/lib/dpkg/updates'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const file of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', file), '');
  execFileSync('mknod', [join(root, 'dev/null'), 'c', '1', '3']);
}

/**
 * Builds a package `nodejs` of a version, with the Node that runs this test and what that needs: its libraries, and
 * `env`. It takes the place of the packages that Debian has for them.
 */
export function buildNodePackage(folder: string, version: string): string {
  const root = join(folder, `nodejs-${version}`);
  const programs = [
    [process.execPath, '/usr/bin/node'],
    ['/usr/bin/env', '/usr/bin/env'],
  ] as const;
  const files = [...programs, ...programs.flatMap(([file]) => librariesOf(file).map(library => [library, library]))];
  for (const [from = '', to = ''] of files) {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(realpathSync(from), join(root, to));
  }
  mkdirSync(join(root, 'DEBIAN'));
  const control = {
    Package: 'nodejs',
    Version: version,
    Architecture: 'all',
    Maintainer: 'Test <test@example.com>',
    Provides: 'libc6, libstdc++6',
    Description: 'stands for Node',
  };
  const lines = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(root, 'DEBIAN/control'), lines.join(''));
  // Its content is large, and is used once.
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', root, `${root}.deb`]);
  return `${root}.deb`;
}

const librariesOf = (program: string): readonly string[] =>
  [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
