import type { CommandContext } from '../context/command.ts';
import { createConnections } from './connections.ts';

/** Loads the configuration in a one-shot kernel. Rejects if it is refused, before anything has changed. */
export async function checkConfig({ options, system, home }: CommandContext): Promise<void> {
  const connections = createConnections(system, { mode: 'once', configFile: options.config, logFile: home.log });
  try {
    await connections.oneShot();
  } finally {
    await connections.close();
  }
}
