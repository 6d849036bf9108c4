import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TEMPORARY } from '../support/io/temporary.ts';
import { onTestFinished } from '../support/running-test.ts';
import { filesBelow, readText, ROOT } from '../support/sources.ts';
import { ending, missingOf, skipped } from '../support/ways/programs.ts';

// What only the tools of each way can say about its files. The .deb has a test apart.

type Check = readonly [what: string, program: string, ...args: string[]];

const nix = filesBelow('packaging/nix').filter(file => file.endsWith('.nix'));
// makepkg sets and reads the variables of a PKGBUILD.
const SET_FOR_MAKEPKG = '--exclude=SC2034,SC2154';
const CHECKS: readonly Check[] = [
  ['the script that builds the .deb', 'shellcheck', 'packaging/debian/build-deb'],
  ['the PKGBUILD', 'shellcheck', '--shell=bash', SET_FOR_MAKEPKG, 'packaging/aur/PKGBUILD'],
  ['the grammar of the formula', 'ruby', '-c', 'packaging/homebrew/session-keepalive.rb'],
  ['the formula', 'rubocop', '--cache', 'false', 'packaging/homebrew'],
  ...nix.map((file): Check => [file, 'nix-instantiate', '--parse', file]),
];

for (const [what, program, ...args] of CHECKS) {
  const missing = missingOf(program);
  test.skipIf(missing)(`${program} has no objection to ${what}${skipped(missing)}`, async () => {
    expect(await ending(program, args)).toMatchObject({ code: 0 });
  });
}

const temporary = (): string => {
  const folder = mkdtempSync(join(TEMPORARY, 'keepalive-ways-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const NO_COMPOSE = missingOf('docker-compose');
test.skipIf(NO_COMPOSE)(`the compose file has a volume for each tool${skipped(NO_COMPOSE)}`, async () => {
  const file = join(temporary(), 'compose.yaml');
  // The release of Debian 12 is older than names of projects.
  writeFileSync(file, readText('packaging/docker/compose.yaml').replace(/^name: .*$/m, ''));
  const { code, output } = await ending('docker-compose', ['--file', file, 'config']);
  expect({ code, output }).toMatchObject({ code: 0 });
  const targets = [...output.matchAll(/- \w+:(\/home\S+):rw/g)].map(([, target = '']) => target);
  const [, declared = '[]'] = /^VOLUME (.*)$/m.exec(readText('packaging/docker/Dockerfile')) ?? [];
  expect(targets.toSorted()).toEqual(JSON.parse(declared).toSorted());
});

// makepkg refuses to run as root.
const NO_MAKEPKG = missingOf('makepkg', 'setpriv');
test.skipIf(NO_MAKEPKG)(`.SRCINFO is what makepkg makes of the PKGBUILD${skipped(NO_MAKEPKG)}`, async () => {
  const folder = temporary();
  cpSync(join(ROOT, 'packaging/aur/PKGBUILD'), join(folder, 'PKGBUILD'));
  // fakeroot, which makepkg asks for, tries each descriptor that could be open.
  const command = 'chmod 777 "$PWD" && ulimit -n 1024 && exec';
  const asOther = process.getuid?.() === 0 ? 'setpriv --reuid=65534 --clear-groups' : '';
  // makepkg ends without a pacman, also where it has no use for one.
  const env = { PATH: process.env['PATH'], HOME: folder, PACMAN: 'true' };
  const args = ['-c', `${command} ${asOther} makepkg --printsrcinfo`];
  const { output } = await ending('sh', args, { cwd: folder, env });
  expect(output.trimEnd()).toBe(readText('packaging/aur/.SRCINFO').trimEnd());
});

const NO_NIX = missingOf('nix-instantiate');
test.skipIf(NO_NIX)(
  `Nix finds an address and a checksum for each package of the lock file${skipped(NO_NIX)}`,
  async () => {
    const store = temporary();
    const env = { ...process.env, NIX_STORE_DIR: store, NIX_STATE_DIR: store, NIX_LOG_DIR: store, HOME: store };
    const args = ['--eval', '--strict', '--json', '--readonly-mode', 'tests/support/ways/evaluate.nix'];
    const { code, output } = await ending('nix-instantiate', args, { env });
    expect({ code, output }).toMatchObject({ code: 0 });
    const packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string }>> = JSON.parse(
      output.split('\n').find(line => line.startsWith('{')) ?? '',
    );
    const { '': _root, ...installed } = packages;
    expect(Object.keys(installed).length).toBeGreaterThan(100);
    expect(Object.entries(installed).filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
    const lock: typeof packages = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
    expect(Object.keys(packages)).toEqual(Object.keys(lock).toSorted());
    expect(packages['node_modules/@xterm/headless']?.resolved).toMatch(
      /^https:\/\/[^/]+\/@xterm\/headless\/-\/headless-\d+\.\d+\.\d+\.tgz$/,
    );
  },
);
