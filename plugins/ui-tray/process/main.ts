import { createHash } from 'node:crypto';
import { printable } from '../../../sdk/base/printable.ts';
import { connect } from '../../../sdk/client/client.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { openInBrowser } from '../../../sdk/system/open-in-browser.ts';
import { refuseDebugger } from '../../../sdk/system/refuse-debugger.ts';
import { neverSearchHere } from '../../../sdk/system/search-path.ts';
import type { OpenBackend } from '../backend.ts';
import { showTray } from '../tray.ts';
import { startDaemon } from './start-daemon.ts';

/** Set if the tray belongs to the daemon and ends with it. */
const IS_FOLLOWER = process.argv.includes('--follow');

const { stateDir } = locateHome();
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
if (IS_FOLLOWER) {
  process.on('disconnect', () => ending.abort());
  if (!process.connected) ending.abort();
}

/** Loads this platform's backend, and no other. */
async function loadBackend(): Promise<OpenBackend> {
  switch (process.platform) {
    case 'win32':
      return (await import('../windows/backend.ts')).openWindows;
    case 'darwin':
      return (await import('../macos/backend.ts')).openMacos;
    default:
      return (await import('../linux/backend.ts')).openLinux;
  }
}

async function browse(file: string): Promise<void> {
  if (await openInBrowser(file, { atDesktop: true })) return;
  throw new Error('The page could not be opened in a browser. `keepalive ui --print` prints its address.');
}

const name = `h${createHash('sha256').update(stateDir).digest('hex').slice(0, 16)}`;
refuseDebugger();
neverSearchHere();
const tray = await showTray(name, {
  open: await loadBackend(),
  connect: (signal, onAbsent) => connect({ reconnect: true, wait: true, signal, onAbsent }),
  browse,
  start: startDaemon,
  now: Date.now,
  signal: ending.signal,
});
const text = 'absent' in tray ? tray.absent : tray.hint;
// The parent process waits for this report.
if (process.send) await new Promise(resolve => process.send?.({ shown: 'ended' in tray, hint: text }, resolve));
else if (text) process.stderr.write(printable(`${text}\n`));
if ('ended' in tray) await tray.ended;
process.exit();
