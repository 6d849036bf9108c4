import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The library of Debian's package `libfaketime`; undefined if it is not installed. */
export const FAKETIME: string | undefined = libraries('/usr/lib').find(file =>
  file.endsWith('/faketime/libfaketime.so.1'),
);

/** A wall clock for one process that can be set. The monotonic clock is not changed, as if the user set the clock. */
export function falseClock(folder: string): {
  readonly env: Readonly<Record<string, string>>;
  readonly set: (offset: `${'+' | '-'}${number}h`) => void;
} {
  const file = join(folder, 'clock');
  const set = (offset: string): void => {
    // In one step, because it is read whenever the clock is read.
    writeFileSync(`${file}.next`, offset);
    renameSync(`${file}.next`, file);
  };
  set('+0');
  return {
    set,
    env: {
      LD_PRELOAD: FAKETIME ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
  };
}

/** The files in the `faketime` folders of `lib`, for any architecture. */
function libraries(lib: string): readonly string[] {
  return ['', ...entriesOf(lib)]
    .map(name => join(lib, name, 'faketime'))
    .flatMap(folder => entriesOf(folder).map(file => join(folder, file)));
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
