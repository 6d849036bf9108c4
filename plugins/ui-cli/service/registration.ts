import { launchdAgent } from './launchd.ts';
import { systemdUnit } from './systemd.ts';
import { scheduledTask } from './task-scheduler.ts';
import type { Facts, Registration } from './types.ts';

/** The registration for this platform; undefined if we support no service manager there. */
export function registrationOf(facts: Facts): Registration | undefined {
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
