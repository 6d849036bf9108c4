import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Right } from '../../sdk/plugin/fleet.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';

/**
 * The context of an attempt that asks the vendor only while this machine may. Timers wait while a process or a machine
 * sleeps, so each request looks at the clock itself. Throws `KA_FLEET_LOST`.
 */
export function holdingRight(context: ProviderContext, right: Right | undefined): ProviderContext {
  if (!right) return context;
  const holding =
    <Given extends readonly unknown[], T>(use: (...given: Given) => T) =>
    (...given: Given): T => {
      if (!right.isValid()) throw new KeepaliveError('KA_FLEET_LOST');
      return use(...given);
    };
  const { fetch, exec, pty } = context;
  return { ...context, fetch: holding(fetch), exec: holding(exec), pty: holding(pty) };
}
