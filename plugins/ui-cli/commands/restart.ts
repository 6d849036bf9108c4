import { isKeepaliveError } from '../../../sdk/errors.ts';
import type { Command } from '../command.ts';
import { start } from './start.ts';
import { stopDaemon } from './stop.ts';

export const restart: Command = async context => {
  const stopped = await stopDaemon(context).catch(error => {
    if (isKeepaliveError(error) && error.code === 'KA_RPC_NO_DAEMON') return undefined;
    throw error;
  });
  // The configuration may have been found in a folder that we do not stand in now.
  const config = context.options.config ?? stopped?.configFile;
  return start({ ...context, options: { ...context.options, ...(config ? { config } : {}) } });
};
