import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expandHome, locateUserHome } from '../../../sdk/home.ts';
import type { CommandContext } from '../command.ts';
import { KERNEL_MAIN } from '../spawn-kernel.ts';
import { readDefinition } from './definition.ts';
import { registrationOf, type Registration } from './registration.ts';
import { attempt } from './steps.ts';

/** How the daemon of this home is registered on this machine. */
export function registrationHere({ env, platform, home, options: { config } }: CommandContext): Registration {
  const own = env['KEEPALIVE_HOME'] ? expandHome(env['KEEPALIVE_HOME']) : undefined;
  const registration = registrationOf({
    platform, env, stateDir: home.stateDir,
    userHome: locateUserHome(env),
    uid: process.getuid?.() ?? 0,
    command: [process.execPath, fileURLToPath(KERNEL_MAIN), ...(own ? ['--home', own] : []), ...(config ? ['--config', config] : [])],
    suffix: own ? createHash('sha256').update(own).digest('hex').slice(0, 8) : '',
  });
  // It starts in no folder of the user's, so none is looked at for a configuration.
  if (registration) return { ...registration, notes: [...registration.notes, `Its configuration: ${config ?? `the one in ${home.configDir}, or what --config gives`}.`] };
  throw new Error(`Nothing that starts programs on ${platform} is known here. Have \`keepalive run\` started by what your system has for that.`);
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
