import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type KeepaliveClient } from '../../sdk/client/client.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { printable } from '../../sdk/base/printable.ts';
import { refuseDebugger } from '../../sdk/system/refuse-debugger.ts';
import { neverSearchHere } from '../../sdk/system/search-path.ts';
import { platformBackend } from './backend.ts';
import { browse } from './browse.ts';
import { showTray } from './tray.ts';

/** Set where the tray is the daemon's own, and ends with it. */
const IS_FOLLOWER = process.argv.includes('--follow');
const RETRY_MS = 1_000;

const { stateDir } = locateHome();
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
if (IS_FOLLOWER) {
  process.on('disconnect', () => ending.abort());
  if (!process.connected) ending.abort();
}

/** A daemon that is not there yet is waited for. */
async function connectPatiently(signal: AbortSignal, absent: () => void): Promise<KeepaliveClient> {
  for (;;) {
    try {
      return await connect({ reconnect: true });
    } catch {
      absent();
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

const name = `h${createHash('sha256').update(stateDir).digest('hex').slice(0, 16)}`;
refuseDebugger();
neverSearchHere();
const tray = await showTray(name, {
  open: await platformBackend(),
  connect: connectPatiently,
  browse,
  now: Date.now,
  signal: ending.signal,
});
const text = 'absent' in tray ? tray.absent : tray.hint;
// Whoever started us learns what came of it.
if (process.send) await new Promise(resolve => process.send?.({ shown: 'ended' in tray, hint: text }, resolve));
else if (text) process.stderr.write(printable(`${text}\n`));
if ('ended' in tray) await tray.ended;
process.exit();
