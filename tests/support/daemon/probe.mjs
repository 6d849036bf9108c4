// Loaded into a daemon before anything else (`--import`): reports its memory and resources when requested over IPC.
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
let rejections = 0;
process.on('unhandledRejection', () => void (rejections += 1));
process.on('message', message => {
  if (message?.measure !== true) return;
  gc();
  const { heapUsed, rss, external } = process.memoryUsage();
  const files = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
  process.send({
    measured: {
      heapUsed: heapUsed + external,
      rss,
      resources: process.getActiveResourcesInfo().length,
      files,
      rejections,
    },
  });
});
