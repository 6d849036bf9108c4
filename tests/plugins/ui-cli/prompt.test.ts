import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PromptFacts } from '../../../plugins/ui-cli/prompt/doubt.ts';
import { quickPrompt } from '../../../plugins/ui-cli/prompt/quick.ts';
import type { States } from '../../../plugins/ui-cli/prompt/states-file.ts';
import { summarize } from '../../../plugins/ui-cli/prompt/summary.ts';
import type { Notice, SessionRecord, SessionState, StatesFile } from '../../../sdk/contract/session.ts';
import { identityOf } from '../../../sdk/system/process-identity.ts';
import { ALIVE, FAILING, GAVE_UP, HOUR, LOGIN, MINUTE, NOW, OFFLINE, PAUSED, UNAVAILABLE } from './fake-kernel.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

const states = (...list: SessionState[]): StatesFile => ({
  version: 1,
  notices: [],
  sessions: Object.fromEntries(list.map((state, at) => [`s${at}`, { displayName: 'A tool', state }])),
});

const running = (file: States | undefined, now = NOW): PromptFacts => ({ states: file, daemon: 'running', now });

const notice = (more: Partial<Notice>): Notice => ({
  id: 'n',
  session: 's0',
  level: 'warning',
  code: 'login-ends-soon',
  title: 'The login ends in 3 days',
  body: '',
  raisedAt: NOW,
  ...more,
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
    ['▲ s0 unavailable', 'failing', states(UNAVAILABLE)],
    ['▲ 3 need you', 'failing', states(FAILING, GAVE_UP, UNAVAILABLE)],
    ['✗ s1 login required', 'login', states(ALIVE, LOGIN)],
    ['✗ 2 need you', 'login', states(FAILING, LOGIN)],
    ['● 1 alive', 'ok', states({ name: 'refreshing', since: NOW - 5_000, failures: 0, tries: 1 })],
  ])('is "%s" (%s)', (text, kind, file) => {
    expect(summarize(running(file))).toMatchObject({ text, class: kind });
  });

  test.each<[string, string, Notice]>([
    ['▲ s0 needs you', 's0: The login ends in 3 days', notice({})],
    ['▲ acme was not loaded', 's0: alive\nacme: was not loaded', notice({ session: 'acme', code: 'plugin-failed' })],
    [
      '▲ morning needs you',
      's0: alive\nmorning: Warm-up morning is paused',
      notice({ session: 'morning', code: 'warmup-paused', title: 'Warm-up morning is paused' }),
    ],
    [
      '▲ keepalive needs you',
      's0: alive\nkeepalive: The configuration was refused',
      notice({ session: 'keepalive', code: 'config-refused', title: 'The configuration was refused' }),
    ],
  ])('counts what else needs the user: "%s"', (text, tooltip, one) => {
    expect(summarize(running({ ...states(ALIVE), notices: [one] }))).toMatchObject({ text, tooltip });
  });

  test.each<[string, SessionState]>([
    ['a check that is hours overdue', ALIVE],
    ['an attempt that never ended', { name: 'refreshing', since: NOW, failures: 0, tries: 1 }],
    ['a retry that never came', FAILING],
  ])('shows by %s that a daemon does not act', (_, state) => {
    expect(summarize(running(states(state, LOGIN), NOW + 2 * HOUR))).toMatchObject({
      text: '? keepalive does not respond',
      class: 'stale',
    });
  });

  test.each<[string, PromptFacts]>([
    ['its process is gone', { ...running(states(ALIVE)), daemon: 'stopped' }],
    [
      'it cannot be seen, and has stopped cleanly',
      { ...running({ ...states(ALIVE), stoppedAt: NOW }), daemon: 'unknown' },
    ],
  ])('shows at once that no daemon runs, where %s', (_, facts) => {
    expect(summarize(facts)).toMatchObject({
      text: '? keepalive is not running',
      class: 'stale',
      tooltip: 'no session is kept alive now: keepalive start',
    });
    expect(summarize(facts, '{alive}/{total} {next}').text).toBe('0/1');
  });

  test.each<[string, string, SessionState, Partial<SessionRecord>]>([
    ['▲ s0 expired', 'expired', ALIVE, { expiresAt: NOW - HOUR }],
    ['▲ s0 expired', 'expired', OFFLINE, { expiresAt: NOW - HOUR }],
    ['▲ s0 login ended', 'login ended', ALIVE, { loginExpiresAt: NOW - HOUR }],
    ['✗ s0 login required', 'login required', LOGIN, { expiresAt: NOW - HOUR }],
    ['‖ paused', 'paused', PAUSED, { expiresAt: NOW - HOUR }],
    ['● 1 alive', 'alive', ALIVE, { expiresAt: NOW + HOUR }],
  ])('is "%s" (%s) by when the credential ends', (text, tooltip, state, facts) => {
    const file = { sessions: { s0: { displayName: 'A tool', state, ...facts } } };
    expect(summarize(running(file))).toMatchObject({ text, tooltip: `s0: ${tooltip}` });
  });

  test('a laptop that just woke up does not mean a dead daemon', () => {
    expect(summarize(running(states(ALIVE), NOW + 28 * MINUTE + 30_000)).class).toBe('ok');
  });

  test.each([
    ['{alive}/{total}', '1/3'],
    ['{trouble}', 's1 s2'],
    ['next {next}', 'next in 4 min'],
    ['{ids}', 's1 s2 s0'],
  ])('in the format %s is "%s"', (format, text) => {
    expect(summarize(running(states(ALIVE, LOGIN, FAILING)), format).text).toBe(text);
  });
});

/** A home as a daemon leaves it. */
function homeWith(file: object, endpoint?: object): string {
  const home = temporaryFolder();
  writeFileSync(join(home, 'states.json'), JSON.stringify(file));
  if (endpoint) writeFileSync(join(home, 'endpoint.json'), JSON.stringify(endpoint));
  return home;
}

const HERE = { pid: process.pid, process: identityOf(process.pid) };
/** A state without a time, which the real clock cannot make overdue. */
const TIMELESS = LOGIN;

describe('the command', () => {
  const home = homeWith(states(TIMELESS, TIMELESS), HERE);

  test('prints the same with and without the full command', async () => {
    for (const flags of [[], ['--format', '{total}'], ['--format=waybar']]) {
      const { out } = await keepalive(['prompt', ...flags], { env: { KEEPALIVE_HOME: home } });
      expect(quickPrompt([...flags, '--home', home])).toBe(out);
    }
  });

  test.each<[string, string, object | undefined]>([
    ['✗ 2 need you\n', 'its process is there', HERE],
    ['? keepalive is not running\n', 'its process has ended', { pid: 2 ** 22 + 1 }],
    ['? keepalive is not running\n', 'it has removed its endpoint file', undefined],
    ['✗ 2 need you\n', 'its endpoint file names no process', {}],
  ])('prints "%s" where %s', (line, _, endpoint) => {
    expect(quickPrompt(['--home', homeWith(states(TIMELESS, TIMELESS), endpoint)])).toBe(line);
  });

  test.skipIf(HERE.process === undefined)('notices that another process has its pid', () => {
    const endpoint = { pid: process.pid, process: `${HERE.process}0` };
    const folder = homeWith(states(TIMELESS), endpoint);
    expect(quickPrompt(['--home', folder])).toBe('? keepalive is not running\n');
  });

  test('counts only the sessions that the daemon keeps', () => {
    const file = { ...states(TIMELESS, PAUSED, PAUSED), kept: ['s1'] };
    expect(quickPrompt(['--home', homeWith(file, HERE), '--format', '{symbol} {ids}'])).toBe('‖ s1\n');
  });

  test('reads which plugins did not load, and ignores invalid notices and unsafe names', () => {
    const failed = ['./acme.ts', '$(touch harm)'].map(session => notice({ code: 'plugin-failed', session }));
    const notices = [null, 7, { code: 'plugin-failed' }, ...failed, { code: 'failing', session: 's0' }];
    const folder = homeWith({ ...states(PAUSED), notices }, HERE);
    expect(quickPrompt(['--home', folder, '--format', '{trouble}'])).toBe('./acme.ts plugin\n');
  });

  test('prints JSON for waybar on one line', () => {
    expect(quickPrompt(['--format', 'waybar', `--home=${home}`])).toBe(
      `${JSON.stringify({
        text: '✗ 2 need you',
        tooltip: 's0: login required\ns1: login required',
        class: 'login',
        alt: 'login',
      })}\n`,
    );
  });

  test('refuses an unknown placeholder, and names the known ones', async () => {
    const { exitCode, out, err } = await keepalive(['prompt', '--format', '{symbol} {bogus}']);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain('{bogus}');
    expect(err).toContain('{symbol} {summary} {alive} {total} {trouble} {next} {ids}');
  });

  test('refuses a format without a placeholder: the name of another program', async () => {
    const { exitCode, err } = await keepalive(['prompt', '--format', 'starship']);
    expect(exitCode).toBe(2);
    expect(err).toContain('"starship" is not a format. A format is one of text, ansi,');
  });

  test('ignores an unknown state', () => {
    const sessions = { a: { state: { name: 'odd' } }, b: { state: { name: 'waiting', why: 'odd' } } };
    expect(quickPrompt(['--home', homeWith({ sessions }, HERE)])).toBe('');
  });

  test.each([['--json'], ['--help'], ['--format'], ['--bogus', 'x'], ['operand'], ['--format', '{bogus}']])(
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
