import { openStateFile } from '../../../state/states.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { locateHome } from '../../../sdk/system/home.ts';

// Opens the states of a home in a new process, as a daemon does when it starts. argv: the home.

const [, , folder = ''] = process.argv;
const before = { at: performance.now(), processor: process.cpuUsage() };
const { sessions } = await openStateFile(locateHome({ KEEPALIVE_HOME: folder }), silentLog());
const { user, system } = process.cpuUsage(before.processor);
process.send?.({
  sessions: sessions.size,
  seconds: (performance.now() - before.at) / 1_000,
  processorSeconds: (user + system) / 1_000_000,
});
