import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expandHome, locateUserHome } from '../../../sdk/system/home.ts';
import type { CommandContext } from '../command.ts';
import { KERNEL_MAIN } from '../spawn-kernel.ts';
import { readDefinition } from './definition.ts';
import { lastingNode, lastingNotes, lastingPath } from './lasting.ts';
import { registrationOf, type Registration } from './registration.ts';
import { attempt } from './steps.ts';

/** How the daemon of this home is registered on this machine. */
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
    command: [...command, ...(own ? ['--home', own] : []), ...(config ? ['--config', config] : [])],
    suffix: own ? createHash('sha256').update(own).digest('hex').slice(0, 8) : '',
  });
  // It starts in no folder of the user's, so none is looked at for a configuration.
  const configuration = `Its configuration: ${config ?? `the one in ${home.configDir}, or what --config gives`}.`;
  if (registration)
    return { ...registration, notes: [...lastingNotes(command, env), ...registration.notes, configuration] };
  throw new Error(
    `Nothing that starts programs on ${platform} is known here. Have \`keepalive run\` started by what your system has for that.`,
  );
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

export type Look = {
  /** It is written and registered. */
  readonly installed: boolean;
  /** There is something of it, be it only a part. */
  readonly present: boolean;
  /** What is installed is what would be installed now. */
  readonly current: boolean;
};

/** What there is of it. Changes nothing. */
export async function look(registration: Registration, env: CommandContext['env']): Promise<Look> {
  const text = await readDefinition(registration);
  const { succeeded: registered } = await attempt(registration.query, env);
  const written = text !== undefined;
  return { installed: written && registered, present: written || registered, current: text === registration.file.text };
}
