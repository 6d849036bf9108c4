import { rm } from 'node:fs/promises';
import { errnoOf } from '../../sdk/base/errno.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Logger } from '../../sdk/plugin/logger.ts';
import { replaceFile } from './replace-file.ts';

/** Readable for all: the node exporter runs as another user. The metrics hold no secret. */
const MODE = 0o644;
/** Changes often come together. */
const PAUSE_MS = 1_000;
const ACTION = 'Name a file in a folder that exists, has space and can be written by your user.';

export type Textfile = {
  /** Writes the file soon. */
  readonly changed: () => void;
  /** Removes the file, so that the metrics of a daemon that was stopped are gone. */
  readonly end: Cleanup;
};

type Written = {
  readonly file: string;
  /** The metrics as text; undefined if they are not known. */
  readonly render: () => Promise<string | undefined>;
  readonly log: Logger;
};

/** A file for the textfile collector of the node exporter. */
export function textfile({ file, render, log }: Written): Textfile {
  let pause: ReturnType<typeof setTimeout> | undefined;
  let writing = Promise.resolve();
  let failure: string | undefined;
  let isEnded = false;

  async function write(): Promise<void> {
    try {
      const text = await render();
      await (text === undefined ? rm(file, { force: true }) : replaceFile(file, text, MODE));
      failure = undefined;
    } catch (error) {
      // Not the message: it names the temporary file, which has another name each time.
      const reason = errnoOf(error);
      if (reason !== failure) log.error({ file, reason, action: ACTION }, 'the metrics cannot be written');
      failure = reason;
    }
  }

  return {
    changed() {
      // At a reload without the plugin, what it had asked the kernel is answered after the end.
      if (isEnded) return;
      pause ??= setTimeout(() => {
        pause = undefined;
        writing = writing.then(write);
      }, PAUSE_MS);
    },
    async end() {
      isEnded = true;
      clearTimeout(pause);
      await writing;
      await rm(file, { force: true }).catch(() => undefined);
    },
  };
}
