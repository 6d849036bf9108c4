import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import type { Gate } from './gate.ts';

const refused = (path: string) => new KeepaliveError('KA_STORE_UNWRITABLE', { path, reason: 'ENOSPC' });

export type Places = {
  /** The file with the token. */
  readonly file: string;
  readonly journalDir: string;
  /** What the system closes when the program ends. */
  readonly opened: Set<Cleanup>;
};

/** The real files. Each operation that the model has waits for the trace, which may say that the disk refuses it. */
export function gatedFiles(files: Files, gate: Gate, places: Places): Files {
  const { file, opened } = places;
  return {
    ...files,
    async read(path) {
      if (path === file) await gate.pass('read');
      return files.read(path);
    },
    async lock(path, options) {
      await gate.pass('lock');
      const release = await files.lock(path, options);
      return (
        release &&
        (async () => {
          await gate.pass('release');
          await release();
        })
      );
    },
    async prepare(path, options) {
      if ((await gate.pass('reserve')) === 'reservesnot') throw refused(path);
      const place = await files.prepare(path, options);
      opened.add(place.discard);
      return {
        discard: place.discard,
        async commit(text) {
          if ((await gate.pass('write')) !== 'writesnot') return place.commit(text);
          await place.discard();
          throw refused(path);
        },
      };
    },
    journal: gatedJournal(files, gate, places),
  };
}

function gatedJournal({ journal }: Files, gate: Gate, { file, journalDir, opened }: Places): Files['journal'] {
  return {
    read: journal.read,
    write: journal.write,
    async begin(key, line) {
      if ((await gate.pass('note')) === 'notesnot') throw refused(key);
      const note = await journal.begin(key, line);
      opened.add(note.close);
      return {
        close: note.close,
        async add(more) {
          // A write to a closed file fails as on a broken disk.
          if ((await gate.pass('keep')) === 'keepsnot') await note.close();
          return note.add(more);
        },
      };
    },
    async remove(key) {
      // The note of the first version, which has the path, is removed at the same time.
      const how = key === `sent:${file}` ? 'forgets' : await gate.pass('forget');
      return how === 'forgetsnot' ? refusing(journalDir, () => journal.remove(key)) : journal.remove(key);
    },
  };
}

/** Meanwhile no file can be removed from the folder: no system removes a folder as it does a file. */
async function refusing(folder: string, work: () => Promise<void>): Promise<void> {
  const paths = (await readdir(folder)).map(name => join(folder, name));
  for (const path of paths) {
    await rename(path, `${path}.aside`);
    await mkdir(path);
  }
  try {
    await work();
  } finally {
    for (const path of paths) {
      await rmdir(path);
      await rename(`${path}.aside`, path);
    }
  }
}
