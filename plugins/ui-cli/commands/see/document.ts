import { DEFAULT_POLICY } from '../../../../sdk/contract/policy.ts';
import type { PluginInfo } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import type { Overview } from '../../render/sessions.ts';

/** The sessions as a JSON document. A plugin that did not load is listed as a halted session. */
export const documentOf = ({ sessions, plugins }: Pick<Overview, 'sessions' | 'plugins'>): readonly Session[] => [
  ...sessions,
  ...plugins.filter(({ status }) => status === 'failed').map(haltedBy),
];

const haltedBy = ({ id, module, error }: PluginInfo): Session => ({
  id: id || module,
  displayName: module,
  provider: module,
  method: 'auto',
  policy: DEFAULT_POLICY,
  state: {
    name: 'halted',
    why: 'unavailable',
    failures: 0,
    hint: `The plugin ${module} was not loaded: ${error?.message ?? 'unknown cause'}`,
  },
});
