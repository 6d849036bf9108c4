import { dirname } from 'node:path';
import { isKeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { Home } from '../../../../sdk/system/home.ts';
import { untrusted, checkTrust } from '../../../../sdk/config-file/trust.ts';
import type { Command } from '../../context/command.ts';
import { checkConfig } from '../../processes/connections.ts';
import { infoOf, start } from './start.ts';
import { outdatedPid, stopDaemon } from './stop.ts';

export const restart: Command = async given => {
  const running = await infoOf(given).catch((error: unknown) => {
    if (outdatedPid(error) === undefined) throw error;
    return OUTDATED;
  });
  if (!running) return start(given);
  // The file may have been given at the start. One in the user's own folder is found and checked again.
  const { configFile } = running;
  const named = configFile !== null && dirname(configFile) !== given.home.configDir ? configFile : undefined;
  const config = given.options.config ?? named;
  if (config === named && named !== undefined) await requireStillTrusted(named, given.home);
  const context = { ...given, options: { ...given.options, ...(config ? { config } : {}) } };
  await checkConfig(context.system, context.options.config, context.home.log);
  await stopDaemon(context).catch(error => {
    if (!isKeepaliveError(error) || error.code !== 'KA_RPC_NO_DAEMON') throw error;
  });
  return start(context);
};

/** Stands for a daemon that is too old to answer. */
const OUTDATED = { configFile: null };

/** A trusted file that has changed needs trust again, even if the running daemon uses it. */
async function requireStillTrusted(file: string, home: Home): Promise<void> {
  const verdict = await checkTrust(file, home);
  if (verdict.trusted || !verdict.known) return;
  throw untrusted(file, verdict.why);
}
