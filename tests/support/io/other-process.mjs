// A process of its own that does what a test asks of it, one thing after another, until it is killed: see other-process.ts.
import promises, { mkdir, open, readlink, rmdir, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { takeDirLock } from '../../../dist/runtime/files/dir-lock.js';
import { createFiles } from '../../../dist/runtime/files/files.js';
import { redeem } from '../../../dist/sdk/recipes/oauth/redeem.js';

const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** One for each journal, as a kernel has one for its whole life. */
const known = new Map();
const filesOf = (userHome, journalDir) =>
  known.get(journalDir) ?? known.set(journalDir, createFiles({ userHome, journalDir })).get(journalDir);

const contextOf = ({ folder, journalDir = `${folder}/journal`, force = false }) => ({
  signal: new AbortController().signal,
  log,
  files: filesOf(folder, journalDir),
  now: Date.now,
  conceal: quiet,
  fetch,
  reason: 'schedule',
  force,
  refreshBefore: 300_000,
});

const held = new Map();

const deeds = {
  async take({ path, staleMs }) {
    const release = await takeDirLock(path, staleMs);
    if (release) held.set(path, release);
    return release !== undefined;
  },
  async release({ path }) {
    await held.get(path)?.();
  },
  /** Tries until it has the lock, and says whether it was alone while it had it. */
  async takeInTurn({ path, staleMs }) {
    while (!(await deeds.take({ path, staleMs }))) await pause(100);
    const mark = `${path}.held`;
    const alone = await mkdir(mark).then(
      () => true,
      () => false,
    );
    await pause(20);
    if (alone) await rmdir(mark);
    await deeds.release({ path });
    return alone;
  },
  async redeem({ source, after = 0, ...order }) {
    if (after) await pause(after);
    return redeem(source, contextOf(order));
  },
  async redeemOnAndOn({ source, ...order }) {
    for (;;) await redeem(source, contextOf(order));
  },
  /** What this project never does: it writes in place. */
  async writeOnAndOn({ file, texts }) {
    for (let round = 0; ; round += 1) await writeFile(file, texts[round % texts.length]);
  },
  /** From now on it counts the calls of Node's that change files, and kills itself right before the one of this number. */
  async dieBefore({ step }) {
    let count = 0;
    const watch = (object, name) => {
      const original = object[name];
      object[name] = function (...args) {
        count += 1;
        if (count === step) process.kill(process.pid, 'SIGKILL');
        return original.apply(this, args);
      };
    };
    const handle = await open(process.execPath);
    await handle.close();
    for (const name of ['write', 'truncate', 'sync', 'chmod', 'close']) watch(Object.getPrototypeOf(handle), name);
    for (const name of ['open', 'rename', 'rm', 'mkdir', 'rmdir', 'utimes', 'readdir']) watch(promises, name);
    syncBuiltinESMExports();
    deeds.countSteps = () => count;
  },
};

process.on('message', async ({ number, deed, order }) => {
  try {
    process.send({ number, result: await deeds[deed](order) });
  } catch (error) {
    process.send({ number, failed: { code: error.code, details: error.details, message: error.message } });
  }
});
// Which of its threads works with files: with one such thread, it is the only one.
process.send({ ready: (await readlink('/proc/thread-self').catch(() => '')).split('/').at(-1) });
