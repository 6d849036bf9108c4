import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findConfig } from '../../config/find.ts';
import { loadEntry } from '../../kernel/plugins/loader.ts';
import { toMs } from '../../sdk/contract/duration.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { DEFAULT_POLICY } from '../../sdk/contract/policy.ts';
import type { Attempt } from '../../sdk/contract/session.ts';
import type { FakeFiles } from '../../sdk/testing/index.ts';
import { temporaryFolder } from '../support/real-context.ts';
import type { Simulation } from '../support/clock/simulation.ts';
import { notIsolated } from '../support/daemon/not-isolated.ts';
import { instantOf, momentOf, week } from '../support/clock/week.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const CONFIG = `export default {
  plugins: [
    'claude', ['claude', { id: 'claude-work', home: '~/.claude-work' }],
    'codex', ['codex', { id: 'codex-work', home: '~/.codex-work', method: 'redeem' }],
    ['augment', { jar: '~/augment.json' }],
    ['oauth', { id: 'acme', file: '~/.acme/token.json', tokenEndpoint: 'https://auth.acme.example/token', clientId: 'acme-cli',
      paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' } }],
  ],
};`;

async function configured(text: string) {
  const folder = await temporaryFolder();
  const file = join(folder, 'keepalive.config.mjs');
  await writeFile(file, text);
  const config = await findConfig(locateHome({ KEEPALIVE_HOME: folder }), file);
  const { plugins } = config;
  const loaded = await Promise.all(
    plugins.map(entry => loadEntry(entry, { base: file, stateDir: folder }, notIsolated)),
  );
  return { config, ids: loaded.map(({ info }) => info.id) };
}

/** The outcomes of each day's attempts, in order: `fresh ×12, refreshed`. */
function outcomesByDay({ attempts }: Simulation, id: string): readonly string[] {
  const own = attempts.filter(attempt => attempt.id === id);
  const dayOf = ({ startedAt }: Attempt) => momentOf(startedAt).slice(0, -' 00:00'.length);
  return [...new Set(own.map(dayOf))].map(
    day => `${day}: ${runLengths(own.filter(attempt => dayOf(attempt) === day)).join(', ')}`,
  );
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

/** The shortest time between two attempts, by the wall clock. */
function shortestGap({ attempts }: Simulation, id: string): number {
  const starts = attempts.filter(attempt => attempt.id === id).map(({ startedAt }) => startedAt);
  return Math.min(...starts.slice(1).map((at, index) => at - (starts[index] ?? 0)));
}

/** All notices raised and cleared, by the hour. */
function noticesByHour({ raised, cleared }: Simulation): readonly string[] {
  const ends = cleared.map(({ id, clearedAt }) => ({ at: clearedAt, what: `cleared ${id}` }));
  const begins = raised.map(({ id, raisedAt }) => ({ at: raisedAt, what: `raised ${id}` }));
  return [...ends, ...begins]
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, what }) => `${momentOf(at).slice(0, -':00'.length)}h ${what}`);
}

test('a configuration of nine lines keeps six sessions alive for a week, without needless notices', async () => {
  const { config, ids } = await configured(CONFIG);
  expect(CONFIG.split('\n')).toHaveLength(9);
  const { world, vendors, logins, until, sleep } = week({ config });
  const claude = logins.claude('~/.claude', instantOf('Mon 08:00') + 28 * DAY);
  logins.claude('~/.claude-work', instantOf('Fri 18:00'));
  const codex = logins.codex('~/.codex', { age: 4 * DAY, lives: 10 * DAY });
  const revoked = logins.codex('~/.codex-work', { age: 5 * HOUR, lives: DAY });
  logins.augment('~/augment.json', 8 * HOUR);
  const acme = logins.acme('~/.acme/token.json');
  await world.boot();
  expect(world.sessions.ids).toEqual(ids);

  // Six hours without an answer from any vendor: three with errors, three unreachable.
  await until('Tue 14:30');
  vendors.weather = 503;
  await until('Tue 17:30');
  vendors.weather = 'ECONNREFUSED';
  await until('Tue 20:30');
  vendors.weather = 'fair';

  // A vendor ends a login. It is not asked again until the user has signed in.
  await until('Wed 07:30');
  vendors.codex.end(revoked.account);
  await until('Wed 12:00');
  const asked = vendors.codex.exchanges.length;
  await until('Thu 10:00');
  expect(vendors.codex.exchanges).toHaveLength(asked);
  const codexWork = logins.codex('~/.codex-work', { age: 0, lives: DAY });

  // The user renews the login that ends this evening, then closes the lid for a weekend that outlasts every cookie.
  await until('Fri 09:30');
  const claudeWork = logins.claude('~/.claude-work', instantOf('Fri 09:30') + 28 * DAY);
  await until('Fri 12:00');
  await sleep('72h');
  await until('next Mon 14:00');
  const augment = logins.augment('~/augment.json');
  await until('next Mon 18:00');

  expect(noticesByHour(world)).toMatchInlineSnapshot(`
    [
      "Mon 08h raised claude-work:login-ends-soon:7d",
      "Tue 18h cleared claude-work:login-ends-soon:7d",
      "Tue 18h raised claude-work:login-ends-soon:3d",
      "Wed 09h raised codex-work:login-required",
      "Thu 10h cleared codex-work:login-required",
      "Thu 10h raised codex-work:recovered",
      "Thu 18h cleared claude-work:login-ends-soon:3d",
      "Thu 18h raised claude-work:login-ends-soon:1d",
      "Fri 09h cleared claude-work:login-ends-soon:1d",
      "next Mon 12h raised augment:login-required",
      "next Mon 14h cleared augment:login-required",
      "next Mon 14h raised augment:recovered",
    ]
  `);
  expect(Object.fromEntries(ids.map(id => [id, outcomesByDay(world, id)]))).toMatchInlineSnapshot(`
    {
      "acme": [
        "Mon: fresh, refreshed ×16",
        "Tue: offline, refreshed ×9, offline ×13, refreshed ×3",
        "Wed: offline, refreshed ×18",
        "Thu: offline, refreshed ×18",
        "Fri: offline, refreshed ×6",
        "next Mon: offline, refreshed ×7",
      ],
      "augment": [
        "Mon: fresh, refreshed",
        "Tue: offline, refreshed, offline ×6, refreshed",
        "Wed: refreshed ×2",
        "Thu: refreshed ×2",
        "Fri: refreshed",
        "next Mon: offline, login-required, fresh",
      ],
      "claude": [
        "Mon: fresh ×18, refreshed, fresh ×14",
        "Tue: offline, refreshed, fresh ×17, offline ×14, refreshed, fresh ×4",
        "Wed: offline, refreshed, fresh ×17, refreshed, fresh ×17, refreshed",
        "Thu: offline, refreshed, fresh ×17, refreshed, fresh ×17, refreshed",
        "Fri: offline, refreshed, fresh ×10",
        "next Mon: offline, refreshed, fresh ×12",
      ],
      "claude-work": [
        "Mon: fresh ×18, refreshed, fresh ×14",
        "Tue: offline, refreshed, fresh ×17, offline ×14, refreshed, fresh ×4",
        "Wed: offline, refreshed, fresh ×17, refreshed, fresh ×17, refreshed",
        "Thu: offline, refreshed, fresh ×17, refreshed, fresh ×17, refreshed",
        "Fri: offline, refreshed, fresh ×10",
        "next Mon: offline, refreshed, fresh ×12",
      ],
      "codex": [
        "Mon: fresh ×16",
        "Tue: fresh ×2, refreshed, fresh ×14",
        "Wed: fresh ×17",
        "Thu: fresh ×17",
        "Fri: fresh ×6",
        "next Mon: offline, refreshed, fresh ×6",
      ],
      "codex-work": [
        "Mon: fresh ×8, refreshed, fresh ×7",
        "Tue: offline, refreshed, fresh ×12, offline ×6, refreshed, fresh ×2",
        "Wed: fresh ×3, login-required",
        "Thu: fresh ×13, refreshed",
        "Fri: fresh ×4, refreshed, fresh",
        "next Mon: offline, refreshed, fresh ×6",
      ],
    }
  `);
  expect(new Set(world.sessions.all().map(({ record }) => record.state.name))).toEqual(new Set(['alive']));
  for (const login of [claude, claudeWork, codex, codexWork, augment, acme]) expect(await login.isAlive()).toBe(true);
  const answers = [vendors.claude, vendors.codex, vendors.acme].flatMap(({ exchanges }) =>
    exchanges.filter(({ answer }) => answer !== 'renewed'),
  );
  expect(answers).toEqual([{ account: revoked.account, answer: 'revoked' }]);
  expect(world.attempts.filter(({ failures }) => failures > 0)).toEqual([]);
  expect(Math.min(...ids.map(id => shortestGap(world, id)))).toBeGreaterThanOrEqual(toMs(DEFAULT_POLICY.minInterval));
});

// The control: the same week without the locks that keep two sessions from using one token.
const TWICE = `export default {
  plugins: ['one', 'two'].map(id => ['codex', { id, home: '~/.codex', method: 'redeem' }]),
};`;

const withoutLocks = (files: FakeFiles): FakeFiles => ({ ...files, lock: async () => () => undefined });

test.each<[string, { readonly tamper?: typeof withoutLocks }, object]>([
  ['keep it', {}, { answers: ['renewed', 'renewed', 'renewed'], isAlive: true, notices: [] }],
  [
    'lose it without locks',
    { tamper: withoutLocks },
    {
      answers: ['renewed', 'reused', 'revoked', 'revoked'],
      isAlive: false,
      notices: ['one:login-required', 'two:login-required'],
    },
  ],
])('two sessions that share a login and renew it at the same time %s', async (_, given, expected) => {
  const { config } = await configured(TWICE);
  const { world, vendors, logins, until } = week({ config, ...given });
  const login = logins.codex('~/.codex', { age: 0, lives: DAY });
  await world.boot();
  await until('Mon 09:00');
  const both = ['one', 'two'].map(id => world.keeper(id).refresh(true));
  await until('Tue 12:00');
  await Promise.all(both);
  const answers = vendors.codex.exchanges.map(({ answer }) => answer);
  expect({ answers, isAlive: await login.isAlive(), notices: world.raised.map(({ id }) => id).toSorted() }).toEqual(
    expected,
  );
});
