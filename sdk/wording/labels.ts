import type { ConfigOrigin } from '../contract/rpc.ts';

/** Where a value of a policy comes from. */
export const ORIGIN_LABELS: Readonly<Record<ConfigOrigin, string>> = {
  default: 'default',
  provider: 'provider',
  config: 'configuration, all sessions',
  session: 'configuration, this session',
  settings: 'saved setting',
};

const METHODS: Readonly<Record<string, string>> = {
  touch: 'Its own program renews it (touch).',
  redeem: 'Keepalive renews it with its refresh token (redeem).',
  ping: 'A request to its own site renews it (ping).',
  observe: 'It is only watched, because Keepalive cannot renew it (observe).',
};

/** How a session is kept alive, as a sentence. A provider may name a method of its own. */
export const describeMethod = (method: string): string =>
  Object.hasOwn(METHODS, method) ? (METHODS[method] ?? '') : `It is renewed by the method "${method}".`;
