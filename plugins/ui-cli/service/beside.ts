import type { KernelInfo } from '../../../sdk/contract/rpc.ts';
import type { CommandContext } from '../context/command.ts';
import { readDefinition } from './definition.ts';
import { registrationHere } from './here.ts';
import type { Registration } from './types.ts';

type Installed = { readonly registration: Registration; readonly text: string };

/** The installed service of this home and the text of its file. Undefined if there is none. */
export async function installedHere(context: CommandContext): Promise<Installed | undefined> {
  let registration: Registration;
  try {
    registration = registrationHere(context);
  } catch {
    // There is no service manager here that we support.
    return undefined;
  }
  const text = await readDefinition(registration).catch(() => undefined);
  return text === undefined ? undefined : { registration, text };
}

type Origin = Pick<KernelInfo, 'byService' | 'pid'>;

/** A daemon that was started by hand although a service is installed. Undefined if that is not so. */
export async function besideService(context: CommandContext, daemon: Origin): Promise<string | undefined> {
  // An older daemon does not say how it was started.
  if (daemon.byService !== false) return undefined;
  const installed = await installedHere(context);
  return installed && describeBeside(installed.registration, daemon);
}

export const describeBeside = ({ manager, name }: Registration, { pid }: Pick<Origin, 'pid'>): string =>
  `${manager} should run the daemon as ${name}, but process ${pid} was started by hand, ` +
  'so it is not started again after a crash';

export const HAND_OVER = 'keepalive service install';

/** Prints that, if it is so. */
export async function noteBeside(context: CommandContext, daemon: Origin): Promise<void> {
  if (context.options.json) return;
  const text = await besideService(context, daemon);
  if (text !== undefined) context.screen.note(`${text}. \`${HAND_OVER}\` hands it over to the service.`);
}
