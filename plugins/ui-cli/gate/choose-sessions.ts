import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { providerOf, VENDOR_PROGRAMS } from '../../../sdk/plugin/programs.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The sessions that a command needs. */
export type Chosen = {
  readonly ids: readonly string[];
  /** Plugins that did not load and may keep such a session. */
  readonly failed: readonly PluginInfo[];
  /** The provider that keeps the program's login, if no session of it keeps the one in this environment. */
  readonly unkept?: string | undefined;
};

/** The sessions whose provider keeps the program's login in this environment; all, if it knows no such program. */
export async function chooseSessions(client: KeepaliveClient, command: string, env: Env): Promise<Chosen> {
  const [sessions, plugins] = await Promise.all([client.request('session/list'), client.request('plugin/list')]);
  const failed = plugins.filter(
    ({ status, kind }) => status === 'failed' && (kind === 'provider' || kind === 'unknown'),
  );
  const provider = providerOf(command);
  const ofProvider = sessions.filter(session => session.provider === provider);
  if (provider === undefined || ofProvider.length === 0) return { ids: idsOf(sessions), failed };
  const { variables = [] } = VENDOR_PROGRAMS[provider] ?? {};
  const ids =
    variables.length === 0
      ? idsOf(ofProvider)
      : await client.request('tool/sessions', { plugin: provider, env: valuesOf(variables, env) });
  return {
    ids,
    failed: failed.filter(({ module }) => module === provider),
    ...(ids.length === 0 && { unkept: provider }),
  };
}

const idsOf = (sessions: readonly Session[]): readonly string[] => sessions.map(({ id }) => id);

const valuesOf = (variables: readonly string[], env: Env): Record<string, string | null> =>
  Object.fromEntries(variables.map(name => [name, env[name] ?? null]));
