import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quickPrompt } from '../../../plugins/ui-cli/prompt/quick.ts';
import { summarize } from '../../../plugins/ui-cli/prompt/summary.ts';
import type { Notice, SessionRecord, SessionState, StatesFile } from '../../../sdk/contract/session.ts';
import { ALIVE, FAILING, GAVE_UP, HOUR, LOGIN, MINUTE, NOW, OFFLINE, PAUSED, UNAVAILABLE } from './fake-kernel.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

const states = (...list: SessionState[]): StatesFile => ({
  version: 1,
  notices: [],
  sessions: Object.fromEntries(list.map((state, at) => [`s${at}`, { displayName: 'A tool', state }])),
});

describe('the line', () => {
  test.each<[string, string, StatesFile | undefined]>([
    ['', 'none', undefined],
    ['', 'none', states()],
    ['● 2 alive', 'ok', states(ALIVE, ALIVE)],
    ['● 1 alive', 'ok', states(ALIVE, PAUSED)],
    ['‖ paused', 'paused', states(PAUSED)],
    ['◌ s1 waiting', 'waiting', states(ALIVE, OFFLINE)],
    ['▲ s1 failing', 'failing', states(OFFLINE, FAILING)],
    ['▲ 3 failing', 'failing', states(FAILING, GAVE_UP, UNAVAILABLE)],
    ['✗ s1 login', 'login', states(FAILING, LOGIN)],
    ['✗ 2 logins', 'login', states(LOGIN, LOGIN)],
    ['● 1 alive', 'ok', states({ name: 'refreshing', since: NOW - 5_000, failures: 0, tries: 1 })],
  ])('is "%s" (%s)', (text, kind, file) => {
    expect(summarize(file, NOW)).toMatchObject({ text, class: kind });
  });

  test.each<[string, SessionState]>([
    ['a check that is hours overdue', ALIVE],
    ['an attempt that never ended', { name: 'refreshing', since: NOW, failures: 0, tries: 1 }],
    ['a retry that never came', FAILING],
  ])('shows by %s that no daemon runs', (_, state) => {
    expect(summarize(states(state, LOGIN), NOW + 2 * HOUR)).toMatchObject({
      text: '? keepalive stopped',
      class: 'stale',
    });
  });

  test.each<[string, string, SessionState, Partial<SessionRecord>]>([
    ['▲ s0 failing', 'expired', ALIVE, { expiresAt: NOW - HOUR }],
    ['▲ s0 failing', 'expired', OFFLINE, { expiresAt: NOW - HOUR }],
    ['▲ s0 failing', 'login ended', ALIVE, { loginExpiresAt: NOW - HOUR }],
    ['✗ s0 login', 'login required', LOGIN, { expiresAt: NOW - HOUR }],
    ['‖ paused', 'paused', PAUSED, { expiresAt: NOW - HOUR }],
    ['● 1 alive', 'alive', ALIVE, { expiresAt: NOW + HOUR }],
  ])('is "%s" (%s) by when the credential ends', (text, tooltip, state, facts) => {
    const file = { sessions: { s0: { displayName: 'A tool', state, ...facts } } };
    expect(summarize(file, NOW)).toMatchObject({ text, tooltip: `s0: ${tooltip}` });
  });

  test('names a plugin that did not load, beside the sessions', () => {
    const notice: Notice = {
      id: 'acme:plugin-failed',
      session: 'acme',
      level: 'error',
      code: 'plugin-failed',
      title: '',
      body: '',
      raisedAt: NOW,
    };
    expect(summarize({ ...states(ALIVE), notices: [notice] }, NOW)).toMatchObject({
      text: '▲ acme failing',
      class: 'failing',
      tooltip: 's0: alive\nacme: plugin not loaded',
    });
  });

  test('a laptop that just woke up does not mean a dead daemon', () => {
    expect(summarize(states(ALIVE), NOW + 28 * MINUTE + 30_000).class).toBe('ok');
  });

  test.each([
    ['{alive}/{total}', '1/3'],
    ['{trouble}', 's1 s2'],
    ['next {next}', 'next in 4 min'],
    ['{ids}', 's0 s1 s2'],
    ['{unknown} {symbol}', '{unknown} ✗'],
  ])('in the format %s is "%s"', (format, text) => {
    expect(summarize(states(ALIVE, LOGIN, FAILING), NOW, format).text).toBe(text);
  });
});

describe('the command', () => {
  const home = temporaryFolder();
  writeFileSync(join(home, 'states.json'), JSON.stringify(states(LOGIN, LOGIN)));

  test('prints the same with and without the full command', async () => {
    for (const flags of [[], ['--format', '{total}'], ['--format=waybar']]) {
      const { out } = await keepalive(['prompt', ...flags], { env: { KEEPALIVE_HOME: home } });
      expect(quickPrompt([...flags, '--home', home])).toBe(out);
    }
  });

  test('reads which plugins did not load, and ignores invalid notices and unsafe names', () => {
    const folder = temporaryFolder();
    const failed = ['./acme.ts', '$(touch harm)'].map(session => ({ code: 'plugin-failed', session }));
    const notices = [null, 7, { code: 'plugin-failed' }, ...failed, { code: 'failing', session: 's0' }];
    writeFileSync(join(folder, 'states.json'), JSON.stringify({ ...states(ALIVE), notices }));
    expect(quickPrompt(['--home', folder, '--format', '{trouble}'])).toBe('./acme.ts plugin\n');
  });

  test('prints JSON for waybar on one line', () => {
    expect(quickPrompt(['--format', 'waybar', `--home=${home}`])).toBe(
      `${JSON.stringify({
        text: '✗ 2 logins',
        tooltip: 's0: login required\ns1: login required',
        class: 'login',
        alt: 'login',
      })}\n`,
    );
  });

  test('ignores an unknown state', () => {
    const folder = temporaryFolder();
    const sessions = { a: { state: { name: 'odd' } }, b: { state: { name: 'waiting', why: 'odd' } } };
    writeFileSync(join(folder, 'states.json'), JSON.stringify({ sessions }));
    expect(quickPrompt(['--home', folder])).toBe('');
  });

  test.each([['--json'], ['--help'], ['--format'], ['--bogus', 'x'], ['operand']])(
    'leaves %s to the full command',
    (...flags) => {
      expect(quickPrompt(flags)).toBeUndefined();
    },
  );

  test.each([
    ['nothing', undefined],
    ['garbage', '{"sess'],
    ['another shape', '[]'],
  ])('shows nothing, and no error, where the file holds %s', (_, text) => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    if (text !== undefined) writeFileSync(join(folder, 'states.json'), text);
    expect(quickPrompt(['--home', folder])).toBe('');
  });
});
