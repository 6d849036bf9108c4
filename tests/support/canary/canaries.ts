import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Endpoint } from '../../../sdk/contract/rpc.ts';
import { canaryChannels } from '../channels/canary-channels.ts';
import { NOTICE_TAKER } from './canary-programs.ts';
import { canarySessions } from './canary-sessions.ts';
import { canaryWorld } from './canary-world.ts';
import { canaryVendors } from './canary-vendors.ts';
import { temporaryHome } from '../daemon/daemon.ts';
import { onTestFinished } from '../running-test.ts';
import { findVendorProgram } from '../vendors/vendor-program.ts';

export const EMAIL = 'canary@person.test';
/** The second one is in the servers and programs of the vendors. */
export const ADDRESSES: readonly string[] = [EMAIL, 'you@example.test'];

const METRICS_TOKEN = 'CANARY-metrics-token';
const METRICS_FILE = 'keepalive.prom';

export type CanaryHome = {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly outcomes: Readonly<Record<string, string>>;
  /** The real programs to use. The others have stand-ins. */
  readonly real: readonly string[];
  /** Whether the vendors are also reached at their real addresses. */
  readonly hasProxy: boolean;
  /** Whether this file of the home may contain secrets: stores, our journal, the API token. */
  readonly isStore: (name: string) => boolean;
  /** The tokens now in the stores, raw and decoded. */
  readonly tokens: () => readonly string[];
  /** What reached the vendors and the notifiers. */
  readonly used: () => {
    readonly tokens: readonly string[];
    readonly cookies: number;
    readonly exchanges: number;
    readonly visits: number;
    readonly notices: readonly string[];
    /** By channel. */
    readonly messages: readonly string[];
  };
};

/**
 * A home in which every credential of every provider is a canary, with all vendors on loopback. `thorough`: with real
 * programs, and with sessions for which everything goes wrong.
 */
export async function canaryHome({ thorough = false } = {}): Promise<CanaryHome> {
  const vendors = await canaryVendors(EMAIL);
  const { codex, claude, site, proxy } = vendors;
  const channels = await canaryChannels(vendors.teapot);
  const program = (name: string) => (thorough && proxy ? findVendorProgram(name) : undefined);
  const real = new Map<string, string>();
  const find = (name: string) => {
    const found = program(name);
    if (found !== undefined) real.set(name, found);
    return found;
  };
  const kept = await canarySessions(canaryWorld({ vendors, real: find, email: EMAIL, thorough }));
  const programs: Readonly<Record<string, string>> = {
    ...Object.assign({}, ...kept.map(session => session.programs ?? {})),
    taker: NOTICE_TAKER,
  };
  const files: Readonly<Record<string, string>> = {
    ...Object.assign({}, ...kept.map(session => session.files)),
    ...channels.files,
    ...Object.fromEntries(Object.entries(programs).map(([name, text]) => [`bin/${name}`, text])),
    'keepalive.config.json': JSON.stringify({
      logLevel: 'trace',
      concurrency: 50,
      policy: { backoff: { initial: '1h', factor: 2, max: '1h' } },
      plugins: [
        ...kept.map(({ entry }) => entry),
        './not-there.ts',
        [
          'notify-webhook',
          {
            url: `${vendors.hook}/services/CANARY-of-a-webhook-address`,
            headers: { authorization: 'Bearer CANARY-hook-header' },
          },
        ],
        [
          'notify-webhook',
          {
            id: 'hook-broken',
            url: `${vendors.teapot}/CANARY-of-another-webhook`,
            headers: { authorization: 'Bearer CANARY-hook-header' },
          },
        ],
        ['notify-command', { run: ['taker'] }],
        ...channels.entries,
        ['metrics', { port: 0, token: METRICS_TOKEN, textfile: `~/${METRICS_FILE}` }],
      ],
    }),
  };
  const home = temporaryHome(files);
  for (const name of Object.keys(programs)) chmodSync(join(home, 'bin', name), 0o755);
  return {
    home,
    env: {
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${codex.url}/oauth/token`,
      PATH: join(home, 'bin'),
      ACME_TOKEN: 'CANARY-environment',
      NO_PROXY: '127.0.0.1',
      TERM: 'dumb',
      ...(proxy
        ? { HTTPS_PROXY: proxy.url, https_proxy: proxy.url, NODE_EXTRA_CA_CERTS: proxy.authority }
        : { HTTPS_PROXY: 'http://127.0.0.1:9' }),
    },
    outcomes: Object.fromEntries(kept.map(({ id, outcome }) => [id, outcome])),
    real: [...real.keys()],
    hasProxy: proxy !== undefined,
    isStore: name => name in files || /^(\.|journal\/|cache\/|endpoint\.json|metrics\.token)/.test(name),
    tokens: () =>
      kept
        .flatMap(session => Object.keys(session.files))
        .filter(name => existsSync(join(home, name)))
        .flatMap(name => tokensIn(readFileSync(join(home, name), 'utf8'))),
    used: () => ({
      tokens: [...vendors.good.received, ...vendors.broken.received].map(({ token }) => token),
      cookies: site.received.length,
      exchanges: codex.exchanges.length + claude.exchanges.length,
      visits: vendors.visits(),
      notices: vendors.noticed,
      messages: channels.got(),
    }),
  };
}

/** The values of members with a token name, and the claims of a JWT. */
function tokensIn(text: string): readonly string[] {
  const values = [...text.matchAll(/"\w*token\w*"\s*:\s*"([^"]{12,})"/gi)].map(([, value = '']) => value);
  return values.flatMap(value => (/^eyJ[^.]+\.[^.]+\./.test(value) ? [value, value.split('.')[1] ?? value] : [value]));
}

/** The metrics of the daemon in this home, as Prometheus and as the node exporter get them. */
export async function readMetrics(home: string): Promise<string> {
  const [, url = ''] = /"url":"([^"]+\/metrics)"/.exec(readFileSync(join(home, 'keepalived.log'), 'utf8')) ?? [];
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const scraped = await (await fetch(url, { headers })).text();
  return scraped + readFileSync(join(home, METRICS_FILE), 'utf8');
}

/** A client that records every frame it receives. */
export async function eavesdrop({ url, token }: Endpoint) {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  const frames: string[] = [];
  const waiting = new Map<unknown, () => void>();
  socket.on('message', data => {
    frames.push(String(data));
    waiting.get(JSON.parse(String(data)).id)?.();
  });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const ask = (method: string, params?: unknown) =>
    new Promise<void>(resolve => {
      const id = waiting.size;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  return { frames, ask };
}
