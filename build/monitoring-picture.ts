import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

// Takes docs/images/monitoring.png: the graph page of a real Prometheus that has scraped a daemon for a few minutes.
// The practice session is renewed again and again. Needs prometheus and Chromium.

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PICTURE = join(ROOT, 'docs/images/monitoring.png');
const WATCHED_MS = 240_000;
const [METRICS_PORT, PORT] = [17_400, 19_790];
const QUERY = 'keepalive_session_expires_timestamp_seconds - time()';

const home = mkdtempSync(join(tmpdir(), 'keepalive-picture-'));
const env = { ...process.env, HOME: home, KEEPALIVE_HOME: home };
writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify({ plugins: ['practice', 'metrics'] }));
const scrape = {
  job_name: 'keepalive',
  authorization: { credentials_file: join(home, 'metrics.token') },
  static_configs: [{ targets: [`127.0.0.1:${METRICS_PORT}`] }],
};
// YAML includes JSON.
const config = { global: { scrape_interval: '1s' }, scrape_configs: [scrape] };
writeFileSync(join(home, 'prometheus.yml'), JSON.stringify(config));

const options = { cwd: home, env, stdio: 'ignore' } as const;
const listen = `--web.listen-address=127.0.0.1:${PORT}`;
const programs = [
  spawn(process.execPath, [join(ROOT, 'dist/kernel/main.js')], options),
  spawn('prometheus', ['--config.file=prometheus.yml', '--storage.tsdb.path=data', listen], options),
];
const ended = Promise.all(programs.map(program => once(program, 'exit')));
try {
  await sleep(WATCHED_MS);
  const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync) ?? '';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1_180, height: 850 } });
  await page.goto(`http://127.0.0.1:${PORT}/graph?g0.range_input=3m&g0.tab=0&g0.expr=${encodeURIComponent(QUERY)}`);
  await page.getByText('session="practice"').last().waitFor();
  await page.screenshot({ path: PICTURE, animations: 'disabled' });
  await browser.close();
  process.stdout.write(`${PICTURE}\n`);
} finally {
  for (const program of programs) program.kill();
  await ended;
  rmSync(home, { recursive: true, force: true });
}
