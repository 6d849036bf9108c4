import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Addition, WarmUp, WarmUpCost } from '../../sdk/contract/rpc.ts';
import { WARM_UP } from '../../sdk/plugin/addable.ts';
import { idOf } from '../../state/settings.ts';
import type { KernelControl } from '../rpc/methods/kernel.ts';
import { refuseTakenId, trialOf } from './adding.ts';
import type { Assembly } from './assembly.ts';

export type AddingWarmUps = Pick<KernelControl, 'addWarmUp' | 'removeWarmUp' | 'warmUpCost'>;

const PLUGIN = WARM_UP.plugin;

/**
 * Adds and removes warm-ups at the user's request. They are kept in `settings.json`, beside the added sessions. `apply`
 * makes the plugins match the settings. The calls must come one after another.
 */
export const addingWarmUpsTo = (assembly: Assembly, apply: () => Promise<void>): AddingWarmUps => ({
  async addWarmUp(options) {
    const { settings, warmUps, log } = assembly;
    const { id, session } = await trial(options, assembly);
    await settings.add({ plugin: PLUGIN, options });
    try {
      await apply();
      log.info({ warmUp: id, session }, 'a warm-up was added');
      return await warmUps.get(id);
    } catch (error) {
      await settings.remove(id);
      throw error;
    }
  },

  async removeWarmUp(id) {
    const { settings, plugins, warmUps, log } = assembly;
    const isAdded = settings.added.some(addition => addition.plugin === PLUGIN && idOf(addition) === id);
    if (!isAdded) {
      await warmUps.get(id);
      throw new KeepaliveError('KA_WARMUP_NOT_ADDED', { id });
    }
    // The configuration has a warm-up with this id too, and what is remembered belongs to that one.
    const forget = plugins.overridden.includes(id) ? undefined : warmUps.forgetting(id);
    await settings.remove(id);
    await apply();
    log.info({ warmUp: id }, 'an added warm-up was removed');
    await forget?.();
  },

  warmUpCost: async options => (await trial(options, assembly)).cost,
});

/** The warm-up with these options, which is not kept. Throws if its id is taken, or its session has no warm-up. */
async function trial(
  options: Addition['options'],
  assembly: Assembly,
): Promise<WarmUp & { readonly cost: WarmUpCost }> {
  const { sessions, warmUps } = assembly;
  const plugin = await trialOf({ plugin: PLUGIN, options }, assembly);
  const warmUp = plugin.kind === 'frontend' ? await warmUps.showOf(plugin) : undefined;
  if (!warmUp) throw new Error('The warm-up plugin has no warm-ups.');
  const { id, session, cost } = warmUp;
  refuseTakenId(id, PLUGIN, assembly);
  sessions.get(session);
  if (!cost) throw new KeepaliveError('KA_WARMUP_UNSUPPORTED', { session });
  return { ...warmUp, cost };
}
