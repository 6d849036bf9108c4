import type { ConfigView, Handlers } from '../../../sdk/contract/rpc.ts';
import type { ResolvedConfig } from '../../../config/resolve.ts';
import type { Plugins } from '../../plugins/plugins.ts';
import type { Keeper } from '../../session/keeper.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { ConfigHolder } from '../../wiring/tokens.ts';

type Deps = { readonly config: ConfigHolder; readonly plugins: Plugins; readonly sessions: Sessions };

export const configHandlers = ({ config, plugins, sessions }: Deps): Handlers<'config' | 'plugin'> => ({
  'config/show': () => ({
    file: config.current.file,
    plugins: plugins.infos.map(({ module }) => module),
    ...(config.current.fleet && { fleet: fleetView(config.current.fleet) }),
    values: sessions.all().flatMap(valuesOf),
  }),
  'plugin/list': () => plugins.infos,
});

/** Nothing else of its options: they may have the address of a database. */
const fleetView = ([plugin, options]: NonNullable<ResolvedConfig['fleet']>): ConfigView['fleet'] => {
  const { machine, accept } = options;
  return {
    plugin,
    machine: typeof machine === 'string' ? machine : '',
    accepts: Array.isArray(accept) ? accept.filter(one => typeof one === 'string') : [],
  };
};

function valuesOf({ provider: { id }, policy: { policy, origins, configured } }: Keeper): ConfigView['values'] {
  return Object.entries(origins).map(([key, origin]) => ({
    session: id,
    key,
    value: Reflect.get(policy, key),
    origin,
    ...(origin === 'settings' && { configured: Reflect.get(configured, key) }),
  }));
}
