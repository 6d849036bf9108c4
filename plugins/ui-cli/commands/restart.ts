import { isKeepaliveError } from '../../../sdk/errors.ts';
import type { Command } from '../command.ts';
import { start } from './start.ts';
import { stopDaemon } from './stop.ts';

export const restart: Command = async context => {
  await stopDaemon(context).catch(error => {
    if (!isKeepaliveError(error) || error.code !== 'KA_RPC_NO_DAEMON') throw error;
  });
  return start(context);
};
