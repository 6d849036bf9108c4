import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findConfig } from '../../kernel/config/find.ts';
import { loadEntry } from '../../kernel/plugins/loader.ts';
import { locateHome } from '../../sdk/home.ts';
import type { Attempt } from '../../sdk/session.ts';
import { temporaryFolder } from '../support/real-context.ts';
import type { Simulation } from '../support/simulation.ts';
import { instantOf, momentOf, week } from '../support/week.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

// The cookies end a day after they were used last, and a laptop sleeps at night: half of their life is kept in reserve.
const CONFIG = `export default {
  plugins: [
    'claude', ['claude', { id: 'claude-work', home: '~/.claude-work' }],
    'codex', ['codex', { id: 'codex-work', home: '~/.codex-work', method: 'redeem' }],
    ['augment', { jar: '~/augment.json' }],
    ['oauth', { id: 'acme', file: '~/.acme/token.json', tokenEndpoint: 'https://auth.acme.example/token', clientId: 'acme-cli',
      paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' } }],
  ],
  sessions: { augment: { schedule: { mode: 'before-expiry', buffer: '12h' } } },
};`;

async function configured(text: string) {
  const folder = await temporaryFolder();
  const file = join(folder, 'keepalive.config.mjs');
  await writeFile(file, text);
  const config = await findConfig(locateHome({ KEEPALIVE_HOME: folder }), file);
  const { plugins } = config;
  const loaded = plugins === 'discover' ? [] : await Promise.all(plugins.map(entry => loadEntry(entry, file, folder)));
  return { config, ids: loaded.map(({ info }) => info.id) };
}

/** What came of each day's attempts, in order: `fresh ×12, refreshed`. */
function diary({ attempts }: Simulation, id: string): readonly string[] {
  const days = Map.groupBy(attempts.filter(attempt => attempt.id === id), ({ startedAt }) => momentOf(startedAt).slice(0, -6));
  return [...days].map(([day, of]) => `${day}: ${runLengths(of).join(', ')}`);
}

function runLengths(attempts: readonly Attempt[]): readonly string[] {
  const runs: { outcome: string; times: number }[] = [];
  for (const { outcome } of attempts) {
    const last = runs.at(-1);
    if (last?.outcome === outcome) last.times += 1;
    else runs.push({ outcome, times: 1 });
  }
  return runs.map(({ outcome, times }) => (times > 1 ? `${outcome} ×${times}` : outcome));
}

const told = ({ raised, cleared }: Simulation): readonly string[] =>
  [...raised.map(({ id, raisedAt }) => [raisedAt, `raised ${id}`] as const), ...cleared.map(({ id, clearedAt }) => [clearedAt, `cleared ${id}`] as const)]
    .toSorted(([a], [b]) => a - b).map(([at, what]) => `${momentOf(at)} ${what}`);

test('a config of ten lines keeps six sessions alive for a week, and nobody is bothered without cause', async () => {
  const { config, ids } = await configured(CONFIG);
  expect(CONFIG.split('\n')).toHaveLength(10);
  const { world, vendors, logins, until, sleep } = week({ config });
  const claude = logins.claude('~/.claude', instantOf('Mon 08:00') + 28 * DAY);
  logins.claude('~/.claude-work', instantOf('Fri 18:00'));
  const codex = logins.codex('~/.codex', { age: 4 * DAY, lives: 10 * DAY });
  const revoked = logins.codex('~/.codex-work', { age: 5 * HOUR, lives: DAY });
  logins.augment('~/augment.json');
  const acme = logins.acme('~/.acme/token.json');
  await world.boot();
  expect(world.sessions.ids).toEqual(ids);

  await until('Tue 14:30');
  vendors.weather = 503;
  await until('Tue 17:30');
  vendors.weather = 'ECONNREFUSED';
  await until('Tue 20:30');
  vendors.weather = 'fair';

  await until('Wed 07:30');
  vendors.codex.end(revoked.account);
  await until('Wed 12:00');
  const asked = vendors.codex.exchanges.length;
  await until('Thu 10:00');
  expect(vendors.codex.exchanges).toHaveLength(asked);
  const codexWork = logins.codex('~/.codex-work', { age: 0, lives: DAY });

  await until('Fri 09:30');
  const claudeWork = logins.claude('~/.claude-work', instantOf('Fri 09:30') + 28 * DAY);
  await until('Fri 12:00');
  await sleep('72h');
  await until('next Mon 14:00');
  const augment = logins.augment('~/augment.json');
  await until('next Mon 18:00');

  expect(told(world)).toMatchInlineSnapshot(`
    [
      "Mon 08:00 raised claude-work:login-ends-soon:7d",
      "Tue 18:07 raised claude-work:login-ends-soon:3d",
      "Tue 18:07 cleared claude-work:login-ends-soon:7d",
      "Wed 09:46 raised codex-work:login-required",
      "Thu 10:00 raised codex-work:recovered",
      "Thu 10:00 cleared codex-work:login-required",
      "Thu 18:17 raised claude-work:login-ends-soon:1d",
      "Thu 18:17 cleared claude-work:login-ends-soon:3d",
      "Fri 09:30 cleared claude-work:login-ends-soon:1d",
      "next Mon 12:02 raised augment:login-required",
      "next Mon 14:00 raised augment:recovered",
      "next Mon 14:00 cleared augment:login-required",
    ]
  `);
  expect(Object.fromEntries(ids.map(id => [id, diary(world, id)]))).toMatchInlineSnapshot();
  for (const id of ids) expect(world.keeper(id).record.state.name, id).toBe('alive');
  for (const login of [claude, claudeWork, codex, codexWork, augment, acme]) expect(await login.isAlive()).toBe(true);
  const answers = [vendors.claude, vendors.codex, vendors.acme].flatMap(({ exchanges }) => exchanges.filter(({ answer }) => answer !== 'renewed'));
  expect(answers).toEqual([{ account: revoked.account, answer: 'revoked' }]);
  expect(world.attempts.filter(({ failures }) => failures > 0)).toEqual([]);
  for (const id of ids) {
    const starts = world.attempts.filter(attempt => attempt.id === id).map(({ startedAt }) => startedAt);
    expect(Math.min(...starts.slice(1).map((at, index) => at - (starts[index] ?? 0))), id).toBeGreaterThanOrEqual(120_000);
  }
});
