import { JSONRPCErrorException } from 'json-rpc-2.0';
import { isAbsolute, join } from 'node:path';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Addition } from '../../sdk/contract/rpc.ts';
import { addableNames, notAddable, WARM_UP } from '../../sdk/plugin/addable.ts';
import type { Problem } from '../../sdk/plugin/options.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import { isEndless } from '../../config/options.ts';
import { secretsIn } from '../../runtime/log/option-secrets.ts';
import { isBuiltin, makePlugin } from '../../runtime/load-module.ts';
import { inspect } from '../plugins/context-factory.ts';
import type { KernelControl } from '../rpc/methods/kernel.ts';
import { idOf } from '../../state/settings.ts';
import type { Assembly } from './assembly.ts';

export type Adding = Pick<KernelControl, 'addSession' | 'removeSession'>;

/**
 * Adds and removes sessions at the user's request. They are kept in `settings.json`, never in the configuration.
 * `apply` makes plugins and sessions match the settings. The calls must come one after another.
 */
export const addingTo = (assembly: Assembly, apply: () => Promise<void>): Adding => ({
  async addSession(addition) {
    const { settings, sessions, log } = assembly;
    const plugin = await checked(addition, assembly);
    const { id } = plugin;
    refuseTakenId(id, addition.plugin, assembly);
    await refuseKeptStore(plugin, assembly);
    await settings.add(addition);
    try {
      await apply();
      log.info({ session: id, plugin: addition.plugin }, 'a session was added');
      return await sessions.get(id).look();
    } catch (error) {
      await settings.remove(id, { keepPolicy: true });
      throw error;
    }
  },

  async removeSession(id) {
    const { settings, sessions, plugins, states, notices, config, log } = assembly;
    // A warm-up is no session.
    if (!settings.added.some(addition => addition.plugin !== WARM_UP.plugin && idOf(addition) === id)) {
      sessions.get(id);
      const { file } = config.current;
      const origin = plugins.originOf(id);
      throw new KeepaliveError('KA_SESSION_NOT_ADDED', {
        id,
        ...(origin === 'named' && file && { file }),
        ...(origin === 'demo' && { demo: true }),
      });
    }
    // The configuration has a session with this id too, and what is remembered belongs to that one.
    const isOverridden = plugins.overridden.includes(id);
    await settings.remove(id, { keepPolicy: isOverridden });
    await apply();
    log.info({ session: id }, 'an added session was removed');
    if (isOverridden) return;
    notices.forget(id);
    await states.remove(id);
  },
});

/** Throws `KA_PLUGIN_DUPLICATE_ID` if a plugin has this id, or an added one. */
export function refuseTakenId(id: string, plugin: string, { plugins, settings }: Assembly): void {
  const taken = plugins.infos.find(info => info.id === id) ?? settings.added.map(infoOf).find(info => info.id === id);
  if (!taken) return;
  const problems: readonly Problem[] = [{ path: 'options.id', message: 'Another plugin has this id' }];
  const added = !plugins.overridden.includes(id) && settings.added.some(addition => idOf(addition) === id);
  const details = { id, first: taken.module, second: plugin, problems, ...(added && { added }) };
  throw new KeepaliveError('KA_PLUGIN_DUPLICATE_ID', details);
}

/** Two sessions of one file would only renew it twice as often. The name of another store may stand for several. */
async function refuseKeptStore(plugin: Plugin, { contexts, sessions }: Assembly): Promise<void> {
  if (plugin.kind !== 'provider') return;
  const seen = await inspect(contexts, plugin).catch(() => undefined);
  if (!seen?.present || seen.store === undefined || !isAbsolute(seen.store)) return;
  for (const keeper of sessions.all()) {
    const other = await keeper.inspect().catch(() => undefined);
    if (!other?.present || other.store !== seen.store) continue;
    const message = `The session "${keeper.provider.id}" already keeps this login alive`;
    throw invalid([{ path: 'options', message }]);
  }
}

const infoOf = (addition: Addition) => ({ id: idOf(addition), module: addition.plugin });

/** The plugin of a provider, made as a trial. Throws invalid params if it cannot be added. */
async function checked(addition: Addition, assembly: Assembly): Promise<Plugin> {
  const { plugin: name } = addition;
  if (!addableNames.includes(name) || !isBuiltin(name)) throw invalid([{ path: 'plugin', message: notAddable(name) }]);
  return trialOf(addition, assembly);
}

/** A built-in plugin, made as a trial. Throws invalid params with every problem of its options. */
export async function trialOf({ plugin: name, options }: Addition, { start, scrubber }: Assembly): Promise<Plugin> {
  if (isEndless(options)) throw invalid([{ path: 'options', message: 'They are nested too deep, or too large.' }]);
  for (const secret of secretsIn(options)) scrubber.conceal(secret);
  const { configDir, stateDir } = start.home;
  try {
    return (await makePlugin({ name, options }, { base: join(configDir, 'keepalive.config.json'), stateDir })).plugin;
  } catch (error) {
    if (!isKeepaliveError(error)) throw error;
    const { problems, problem } = error.details;
    const found: readonly Problem[] = Array.isArray(problems)
      ? problems
      : [{ path: 'id', message: String(problem).replace(/^id is/, 'It is') }];
    throw invalid(
      found.map(({ path, message }) => ({
        path: path === '' ? 'options' : `options.${path}`,
        message: scrubber.scrub(message),
      })),
    );
  }
}

const invalid = (problems: readonly Problem[]) => new JSONRPCErrorException('Invalid params', -32_602, { problems });
