// A separate process that carries out the requests of a test until it is killed: see other-process.ts.
import promises, { mkdir, open, readlink, rmdir, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { takeDirLock } from '../../../dist-unpacked/runtime/files/dir-lock.js';
import { createFiles } from '../../../dist-unpacked/runtime/files/files.js';
import { redeem } from '../../../dist-unpacked/sdk/recipes/oauth/redeem.js';

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

const commands = {
  async take({ path, staleMs }) {
    const release = await takeDirLock(path, staleMs);
    if (release) held.set(path, release);
    return release !== undefined;
  },
  async release({ path }) {
    await held.get(path)?.();
  },
  /** Tries until it has the lock. Returns whether it held the lock alone. */
  async takeInTurn({ path, staleMs }) {
    while (!(await commands.take({ path, staleMs }))) await pause(100);
    const mark = `${path}.held`;
    const alone = await mkdir(mark).then(
      () => true,
      () => false,
    );
    await pause(20);
    if (alone) await rmdir(mark);
    await commands.release({ path });
    return alone;
  },
  async redeem({ source, after = 0, ...order }) {
    if (after) await pause(after);
    return redeem(source, contextOf(order));
  },
  async redeemOnAndOn({ source, ...order }) {
    for (;;) await redeem(source, contextOf(order));
  },
  /** Writes in place, which this project never does. */
  async writeOnAndOn({ file, texts }) {
    for (let round = 0; ; round += 1) await writeFile(file, texts[round % texts.length]);
  },
  /** From now on counts Node's file-changing calls and kills itself before the one with this number. */
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
    for (const name of ['write', 'truncate', 'sync', 'datasync', 'chmod', 'close'])
      watch(Object.getPrototypeOf(handle), name);
    for (const name of ['open', 'rename', 'unlink', 'mkdir', 'rmdir', 'utimes', 'readdir']) watch(promises, name);
    syncBuiltinESMExports();
    commands.countSteps = () => count;
  },
};

process.on('message', async ({ number, deed, order }) => {
  try {
    process.send({ number, result: await commands[deed](order) });
  } catch (error) {
    process.send({ number, failed: { code: error.code, details: error.details, message: error.message } });
  }
});
// The id of the thread that works with files, if there is only one.
process.send({ ready: (await readlink('/proc/thread-self').catch(() => '')).split('/').at(-1) });
