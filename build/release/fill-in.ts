/** What a packed package is known by. */
export type Release = {
  readonly version: string;
  /** Of the tarball, in hex. */
  readonly sha256: string;
};

type Place = readonly [before: RegExp, value: RegExp, member: keyof Release];

// Without a pre-release: makepkg allows no hyphen.
const VERSION = /\d+\.\d+\.\d+/;
const SHA256 = /[0-9a-f]{64}/;

/** The files below `packaging/` that name a release, and where they do. */
const PLACES: Readonly<Record<string, readonly Place[]>> = {
  'homebrew/session-keepalive.rb': [
    [/url ".*\/session-keepalive-/, VERSION, 'version'],
    [/sha256 "/, SHA256, 'sha256'],
  ],
  'aur/PKGBUILD': [
    [/^pkgver=/m, VERSION, 'version'],
    [/^sha256sums=\('/m, SHA256, 'sha256'],
  ],
  'aur/.SRCINFO': [
    [/^\tpkgver = /m, VERSION, 'version'],
    [/^\tnoextract = session-keepalive-/m, VERSION, 'version'],
    [/^\tsource = .*\/session-keepalive-/m, VERSION, 'version'],
    [/^\tsha256sums = /m, SHA256, 'sha256'],
  ],
};

export const FILES_OF_RELEASE: readonly string[] = Object.keys(PLACES);

/** The text of such a file for a release. */
export function fillIn(file: string, text: string, release: Release): string {
  if (!new RegExp(`^${VERSION.source}$`).test(release.version)) throw new Error(`${release.version} is no release.`);
  return placesOf(file).reduce(
    (filled, [pattern, member]) => filled.replace(pattern, (_all, before: string) => before + release[member]),
    textWithAll(file, text),
  );
}

/** The releases that a file names: one, if it is in order. */
export function named(file: string, text: string): Readonly<Record<keyof Release, readonly string[]>> {
  const found = placesOf(file).map(([pattern, member]) => [member, pattern.exec(text)?.[2] ?? ''] as const);
  const all = (member: keyof Release) => [...new Set(found.flatMap(([of, value]) => (of === member ? [value] : [])))];
  return { version: all('version'), sha256: all('sha256') };
}

const placesOf = (file: string): readonly (readonly [pattern: RegExp, member: keyof Release])[] =>
  (PLACES[file] ?? []).map(([before, value, member]) => [
    new RegExp(`(${before.source})(${value.source})`, before.flags),
    member,
  ]);

function textWithAll(file: string, text: string): string {
  const missing = placesOf(file).find(([pattern]) => !pattern.test(text));
  if (missing) throw new Error(`packaging/${file} has no ${missing[1]} at ${missing[0]}.`);
  return text;
}
