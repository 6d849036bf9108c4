import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Exposition } from '../../../plugins/metrics/exposition.ts';
import { DEFAULT_PORT } from '../../../plugins/metrics/index.ts';
import { plain, tableRows } from '../../support/docs/markdown.ts';
import { filesBelow, readText, ROOT } from '../../support/sources.ts';
import { NO_PROMETHEUS } from '../../support/prometheus.ts';
import { attemptOf, sessionOf } from './fake-client.ts';

const run = promisify(execFile);
const FOLDER = join(ROOT, 'docs/monitoring');
const documentation = readText('docs/monitoring/README.md');
const alerts = readText('docs/monitoring/alerts.yml');

/** All metrics of two sessions that have everything a session can have. */
function everything(): Exposition {
  const exposition = new Exposition('1.2.3', async () => 1);
  const ends = { expiresAt: 2_000, loginExpiresAt: 3_000, lastSuccessAt: 1_000 };
  const outcomes = new Map([['refreshed', 3]]);
  const waiting = { name: 'waiting', why: 'backoff', failures: 1, tries: 1, wakeAt: 1, wakeWhy: '', hint: '' } as const;
  exposition.session({ session: sessionOf('a', { ...ends, state: waiting }), outcomes });
  exposition.session({ session: sessionOf('b "\\', ends), outcomes });
  exposition.attempt(attemptOf('a'), 'oauth', 5_000);
  return exposition;
}

/** Each metric with its type and labels, as it is served. */
async function served(): Promise<readonly (readonly string[])[]> {
  const lines = (await everything().render('text')).split('\n');
  const types = lines.flatMap(line => {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    return name === '' ? [] : [[name, type] as const];
  });
  return types.map(([name, type]) => {
    const sample = lines.find(line => new RegExp(`^${name}(_bucket)?[{ ]`).test(line)) ?? '';
    const labels = [...sample.matchAll(/(\w+)="/g)].map(([, label = '']) => label).filter(label => label !== 'le');
    return [name, type, labels.join(', ')];
  });
}

test('docs/monitoring/README.md has every metric with its type and labels, and no other', async () => {
  const documented = tableRows(documentation, /^## Metrics/).map(cells => cells.slice(0, 3).map(plain));
  expect(documented).toEqual(await served());
});

test('docs/monitoring/README.md has every alert with its severity, and no other', () => {
  const rules = [...alerts.matchAll(/- alert: (\w+)\n.*?severity: (\w+)/gs)].map(([, ...rule]) => rule);
  expect(rules.length).toBeGreaterThan(5);
  expect(tableRows(documentation, /^## Alerts/).map(cells => cells.slice(0, 2).map(plain))).toEqual(rules);
});

test('docs/monitoring/README.md names the port that is used', () => {
  const ports = [...documentation.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  expect(new Set(ports)).toEqual(new Set([DEFAULT_PORT]));
});

test.each(filesBelow('docs/monitoring').filter(file => /\.(yml|json)$/.test(file)))(
  '%s names only metrics that there are',
  async file => {
    const names = (await served()).map(([name = '']) => name);
    const named = readText(file).match(/\bkeepalive_\w+/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(name => !names.includes(name.replace(/_(bucket|sum|count)$/, '')))).toEqual([]);
  },
);

test('every alert has a test in which it fires', () => {
  const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const fired = readText('docs/monitoring/alerts.test.yml').matchAll(/alertname: (\w+)\n +exp_alerts:/g);
  expect(new Set([...fired].map(([, name]) => name))).toEqual(new Set(names));
});

describe.skipIf(NO_PROMETHEUS)(`promtool${NO_PROMETHEUS ? ` (skipped: ${NO_PROMETHEUS})` : ''}`, () => {
  test('finds nothing wrong with the metrics', async () => {
    const checked = run('promtool', ['check', 'metrics']);
    checked.child.stdin?.end(await everything().render('text'));
    expect(await checked).toEqual({ stdout: '', stderr: '' });
  });

  test('accepts the alert rules, and their tests pass', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', 'alerts.yml'], { cwd: FOLDER });
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
    const tested = await run('promtool', ['test', 'rules', 'alerts.test.yml'], { cwd: FOLDER });
    expect(tested.stdout).toContain('SUCCESS');
  }, 60_000);
});
