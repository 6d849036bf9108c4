import type { CommandContext } from '../context/command.ts';
import { installedHere } from './beside.ts';
import { attempt, perform } from './steps.ts';

/**
 * Has the service manager start the daemon, if a service is installed that starts the same one. Started another way, it
 * would run without supervision until the user logs out. Resolves with whether the manager was asked.
 */
export async function startService(context: CommandContext): Promise<boolean> {
  const { env, options, screen } = context;
  if (options.demo) return false;
  const installed = await installedHere(context);
  if (!installed?.text.includes(installed.registration.launches)) return false;
  const { registration } = installed;
  if (!(await attempt(registration.query, env)).succeeded) return false;
  try {
    await perform(registration.start, env);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    screen.note(`${registration.manager} did not start it, so it runs without ${registration.manager}: ${reason}`);
    return false;
  }
}
