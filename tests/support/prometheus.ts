import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { onTestFinished } from './running-test.ts';
import { readText } from './sources.ts';

const isInstalled = ['prometheus', 'promtool'].every(program =>
  (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, program))),
);

/** Why tests with Prometheus are skipped; undefined if it is installed. */
export const NO_PROMETHEUS = isInstalled ? undefined : 'prometheus and promtool are not installed';

export type Alert = { readonly labels: Readonly<Record<string, string>>; readonly state: string };

export type Prometheus = {
  /** The value of a query's first series; undefined without one. */
  readonly query: (expression: string) => Promise<number | undefined>;
  readonly alerts: () => Promise<readonly Alert[]>;
};

/**
 * Starts a real Prometheus in this folder that scrapes the metrics every second. The alerts are those of the
 * documentation, but fire at once. It ends with the test.
 */
export async function startPrometheus(folder: string, metrics: URL, tokenFile: string): Promise<Prometheus> {
  const rules = readText('docs/monitoring/alerts.yml').replaceAll(/^( +for:) .*$/gm, '$1 0s');
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['alerts.yml'],
    scrape_configs: [
      {
        job_name: 'keepalive',
        authorization: { credentials_file: tokenFile },
        static_configs: [{ targets: [metrics.host] }],
      },
    ],
  };
  writeFileSync(join(folder, 'alerts.yml'), rules);
  // YAML includes JSON.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', '--web.listen-address=127.0.0.1:0'];
  const child = spawn('prometheus', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const url = `http://${await addressOf(child.stderr)}/api/v1`;
  return {
    query: async expression => {
      const { result } = await dataOf(`${url}/query?query=${encodeURIComponent(expression)}`);
      return result?.[0] && Number(result[0].value[1]);
    },
    alerts: async () => (await dataOf(`${url}/alerts`)).alerts ?? [],
  };
}

/** Where it listens, from its log. */
const addressOf = (log: Readable): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    log.setEncoding('utf8').on('data', chunk => {
      text += String(chunk);
      const [, address] = /msg="Listening on" address=(\S+)/.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    });
    log.on('end', () => reject(new Error(`Prometheus did not start: ${text}`)));
  });

type Data = {
  readonly result?: readonly { readonly value: readonly [number, string] }[];
  readonly alerts?: readonly Alert[];
};

/** Empty while Prometheus starts. */
async function dataOf(url: string): Promise<Data> {
  const response = await fetch(url);
  if (!response.ok) return {};
  return ((await response.json()) as { readonly data: Data }).data;
}
