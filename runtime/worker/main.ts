import { refuseDebugger } from '../../sdk/system/refuse-debugger.ts';
import { neverSearchHere } from '../../sdk/system/search-path.ts';

// Before anything else is loaded.
refuseDebugger();
neverSearchHere();
// The terminal and the service manager signal a whole group of processes. The daemon decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

const { WorkerHost } = await import('./worker-host.ts');
const { parentChannel } = await import('../../sdk/client/ipc-channel.ts');
new WorkerHost(parentChannel()).start();
