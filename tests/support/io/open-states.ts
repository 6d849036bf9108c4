import { onTestFinished } from '../running-test.ts';
import type { Home } from '../../../sdk/system/home.ts';
import { silentLog, type KernelLog } from '../../../runtime/log/log.ts';
import { openStateFile, type StateStore } from '../../../state/states.ts';

/** The real store of states. It is closed after the test: Node 26 ends a process that forgets an open file. */
export async function openStates(home: Home, log: KernelLog = silentLog()): Promise<StateStore> {
  const store = await openStateFile(home, log);
  // The test may have put something else in its place.
  onTestFinished(() => store.close().catch(() => undefined));
  return store;
}
