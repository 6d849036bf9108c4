import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expandHome, locateUserHome } from '../../../sdk/system/home.ts';
import type { CommandContext } from '../context/command.ts';
import { KERNEL_MAIN } from '../processes/kernel-main.ts';
import { readDefinition } from './definition.ts';
import { lastingNode, lastingNotes, lastingPath } from './lasting.ts';
import { registrationOf } from './registration.ts';
import { attempt } from './steps.ts';
import type { Registration } from './types.ts';

/** The registration of this home's daemon on this machine. */
export function registrationHere({ env, platform, home, options: { config } }: CommandContext): Registration {
  const own = env['KEEPALIVE_HOME'] ? expandHome(env['KEEPALIVE_HOME']) : undefined;
  const kernel = fileURLToPath(KERNEL_MAIN);
  const command = [lastingNode(process.execPath, env, real), real(kernel) ?? kernel] as const;
  const registration = registrationOf({
    platform,
    stateDir: home.stateDir,
    env: platform === 'win32' ? env : { ...env, PATH: lastingPath(env, real) },
    userHome: locateUserHome(env),
    uid: process.getuid?.() ?? 0,
    command: [...command, '--service', ...(own ? ['--home', own] : []), ...(config ? ['--config', config] : [])],
    suffix: own ? createHash('sha256').update(own).digest('hex').slice(0, 8) : '',
  });
  // A service has no working directory, so a configuration there is not used.
  const configuration = `Its configuration: ${config ?? `the one in ${home.configDir}, or what --config gives`}.`;
  if (registration)
    return { ...registration, notes: [...lastingNotes(command, env), ...registration.notes, configuration] };
  throw new Error(`No service manager is supported on ${platform}. Start \`keepalive run\` with your system's own.`);
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

export type ServiceState = {
  /** Its file is written, and it is registered. */
  readonly installed: boolean;
  /** Its file is written, or it is registered. */
  readonly present: boolean;
  /** The installed file is what would be written now. */
  readonly current: boolean;
};

/** Checks the service. Changes nothing. */
export async function checkService(registration: Registration, env: CommandContext['env']): Promise<ServiceState> {
  const text = await readDefinition(registration);
  const { succeeded: registered } = await attempt(registration.query, env);
  const written = text !== undefined;
  return { installed: written && registered, present: written || registered, current: text === registration.file.text };
}
