// Saves records of a few sessions until it is killed, and prints the number of each one that is on disk.
// argv: the home.
import { openStateFile } from '../../../dist-unpacked/state/states.js';
import { silentLog } from '../../../dist-unpacked/runtime/log/log.js';
import { locateHome } from '../../../dist-unpacked/sdk/system/home.js';

const store = await openStateFile(locateHome({ KEEPALIVE_HOME: process.argv[2] }), silentLog());
const last = Math.max(0, ...[...store.sessions.values()].map(({ lastAttemptAt }) => lastAttemptAt));
const state = { name: 'idle', failures: 0, wakeAt: 0, wakeWhy: '' };

/** Each session's numbers ascend. The length changes, so that lines move. */
async function save(id, number) {
  const displayName = 'x'.repeat((number * 7_919) % 2_000);
  await store.put(id, { displayName, state, lastAttemptAt: number });
  process.stdout.write(`${id} ${number}\n`);
  await save(id, number + 1);
}

await Promise.all(['a', 'b', 'c', 'd'].map(id => save(id, last + 1)));
