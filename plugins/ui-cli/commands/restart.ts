import { isKeepaliveError } from '../../../sdk/errors.ts';
import type { Command, CommandContext } from '../command.ts';
import { createConnections } from '../connections.ts';
import { infoOf, start } from './start.ts';
import { outdatedPid, stopDaemon } from './stop.ts';

export const restart: Command = async given => {
  const running = await infoOf(given).catch((error: unknown) => {
    if (outdatedPid(error) === undefined) throw error;
    return OUTDATED;
  });
  if (!running) return start(given);
  // The configuration may have been found in a folder that we do not stand in now.
  const config = given.options.config ?? running.configFile ?? undefined;
  const context = { ...given, options: { ...given.options, ...(config ? { config } : {}) } };
  await tryOut(context);
  await stopDaemon(context).catch(error => {
    if (!isKeepaliveError(error) || error.code !== 'KA_RPC_NO_DAEMON') throw error;
  });
  return start(context);
};

/** What is known of a daemon that we cannot talk to. */
const OUTDATED = { configFile: null };

/** A kernel of its own meets what is wrong with the configuration, while the daemon goes on by the one it has. */
async function tryOut({ options, ways, home }: CommandContext): Promise<void> {
  const connections = createConnections(ways, { mode: 'once', configFile: options.config, logFile: home.log });
  try {
    await connections.oneShot();
  } finally {
    await connections.close();
  }
}
