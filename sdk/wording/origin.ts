import type { ConfigOrigin } from '../contract/rpc.ts';

/** Where a value of a policy comes from. */
export const ORIGIN_LABELS: Readonly<Record<ConfigOrigin, string>> = {
  default: 'default',
  provider: 'provider',
  config: 'configuration, all sessions',
  session: 'configuration, this session',
  settings: 'saved setting',
};
