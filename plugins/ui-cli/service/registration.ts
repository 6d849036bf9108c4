import { CONTROL } from './environment.ts';
import { launchdAgent } from './launchd.ts';
import { systemdUnit } from './systemd.ts';
import { scheduledTask } from './task-scheduler.ts';
import type { Facts, Registration } from './types.ts';

/** The registration for this platform; undefined if we support no service manager there. */
export function registrationOf(facts: Facts): Registration | undefined {
  const odd = [...facts.command, facts.userHome, facts.stateDir].find(word => CONTROL.test(word));
  if (odd !== undefined) throw new Error(`A service cannot be started with this path: ${JSON.stringify(odd)}.`);
  switch (facts.platform) {
    case 'linux':
      return systemdUnit(facts);
    case 'darwin':
      return launchdAgent(facts);
    case 'win32':
      return scheduledTask(facts);
    default:
      return undefined;
  }
}
