import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from '../daemon/daemon.ts';
import { EMAIL } from './canaries.ts';
import { canarySessions } from './canary-sessions.ts';
import { canaryVendors } from './canary-vendors.ts';
import { canaryWorld } from './canary-world.ts';

export type HealthyHome = {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** The sessions. */
  readonly ids: readonly string[];
  /** The ports of 127.0.0.1 that stand for the vendors. */
  readonly ports: ReadonlySet<number>;
};

/** A home with the sessions of all providers that find their vendor in order. All vendors are on loopback. */
export async function healthyHome(): Promise<HealthyHome> {
  const vendors = await canaryVendors(EMAIL);
  const world = canaryWorld({ vendors, real: () => undefined, email: EMAIL, thorough: false });
  const kept = (await canarySessions(world)).filter(({ outcome }) => ['refreshed', 'fresh'].includes(outcome));
  const programs: Readonly<Record<string, string>> = Object.assign({}, ...kept.map(session => session.programs ?? {}));
  const home = temporaryHome({
    ...Object.assign({}, ...kept.map(session => session.files)),
    ...Object.fromEntries(Object.entries(programs).map(([name, text]) => [`bin/${name}`, text])),
    'keepalive.config.json': JSON.stringify({ plugins: ['auto', 'metrics', ...kept.map(({ entry }) => entry)] }),
  });
  for (const name of Object.keys(programs)) chmodSync(join(home, 'bin', name), 0o755);
  const { codex, site, good, proxy } = vendors;
  const urls = [codex.url, site.page, good.url, ...(proxy ? [proxy.url] : [])];
  return {
    home,
    env: {
      PATH: join(home, 'bin'),
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${codex.url}/oauth/token`,
      NO_PROXY: '127.0.0.1',
      ...(proxy && { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: proxy.authority }),
    },
    ids: kept.map(({ id }) => id),
    ports: new Set(urls.map(url => Number(new URL(url).port))),
  };
}
