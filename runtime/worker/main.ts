import { refuseDebugger } from '../../sdk/system/refuse-debugger.ts';
import { neverSearchHere } from '../../sdk/system/search-path.ts';

// Before anything else is loaded.
refuseDebugger();
neverSearchHere();
// The terminal tells a whole group of processes to end, and so does the system's service: the daemon decides when this one does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

const { openHouse } = await import('./worker-host.ts');
const { parentChannel } = await import('../../sdk/client/ipc-channel.ts');
openHouse(parentChannel());
