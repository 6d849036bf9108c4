import { expect, test } from 'vitest';
import { FILES_OF_RELEASE, fillIn, named } from '../../build/release/fill-in.ts';
import { filesBelow, readText } from '../support/sources.ts';

const { version } = JSON.parse(readText('package.json'));
const texts = FILES_OF_RELEASE.map(file => [file, readText(`packaging/${file}`)] as const);

test.each(texts)('packaging/%s names the version of the package once, and one checksum', (file, text) => {
  expect(named(file, text)).toEqual({ version: [version], sha256: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
});

test('all files name the same checksum', () => {
  expect(new Set(texts.flatMap(([file, text]) => named(file, text).sha256)).size).toBe(1);
});

test.each(texts)('packaging/%s is filled in for a release, and nothing else of it changes', (file, text) => {
  const release = { version: '12.3.4', sha256: 'ab'.repeat(32) };
  const filled = fillIn(file, text, release);
  expect(named(file, filled)).toEqual({ version: [release.version], sha256: [release.sha256] });
  expect(fillIn(file, filled, { version, sha256: named(file, text).sha256[0] ?? '' })).toBe(text);
});

test('a file without a place for the version is refused', () => {
  const act = () => fillIn('aur/PKGBUILD', 'pkgname=session-keepalive', { version: '1.0.0', sha256: '' });
  expect(act).toThrow('packaging/aur/PKGBUILD has no version');
});

test('a pre-release is refused, because makepkg has no word for it', () => {
  const act = () => fillIn('aur/PKGBUILD', readText('packaging/aur/PKGBUILD'), { version: '1.0.0-rc.1', sha256: '' });
  expect(act).toThrow('1.0.0-rc.1 is no release.');
});

test('no other file of packaging/ names a checksum', () => {
  const others = filesBelow('packaging').filter(file => /\.\w+$|PKGBUILD/.test(file));
  const withChecksum = others.filter(file => /\b[0-9a-f]{64}\b/.test(readText(file)));
  expect(withChecksum.toSorted()).toEqual(FILES_OF_RELEASE.map(file => `packaging/${file}`).toSorted());
});
