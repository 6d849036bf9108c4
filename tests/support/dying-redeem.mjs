// Redeems a token file and kills itself right before the n-th thing it does to the disk.
// argv: description of the token file as JSON, folder, n. Without n it lives, and prints how many there were.
import promises, { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { createJiti } from 'jiti';

const [source, folder, killAt] = process.argv.slice(2);
let count = 0;
const watch = (object, name) => {
  const original = object[name];
  object[name] = function (...args) {
    if (++count === Number(killAt)) process.kill(process.pid, 'SIGKILL');
    return original.apply(this, args);
  };
};

const handle = await open('/dev/null');
for (const name of ['write', 'writeFile', 'truncate', 'sync', 'chmod', 'close']) watch(Object.getPrototypeOf(handle), name);
for (const name of ['open', 'rename', 'rm', 'mkdir', 'rmdir', 'utimes', 'readdir']) watch(promises, name);
syncBuiltinESMExports();

const jiti = createJiti(import.meta.url);
const { createFiles } = await jiti.import('../../kernel/files/files.ts');
const { redeem } = await jiti.import('../../sdk/recipes/oauth.ts');
const quiet = () => {};
count = 0;
await redeem(JSON.parse(source), {
  signal: new AbortController().signal,
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  files: createFiles({ userHome: folder, journalDir: `${folder}/journal` }),
  now: Date.now,
  conceal: quiet,
  fetch,
  reason: 'schedule',
  force: false,
  refreshBefore: 300_000,
});
console.log(count);
process.exit();
