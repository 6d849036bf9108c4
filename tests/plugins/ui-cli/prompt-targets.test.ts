import { describe, expect, test } from 'vitest';
import type { PromptFacts } from '../../../plugins/ui-cli/prompt/doubt.ts';
import { parseFormat } from '../../../plugins/ui-cli/prompt/format.ts';
import { quickPrompt, renderPrompt } from '../../../plugins/ui-cli/prompt/quick.ts';
import { TARGETS } from '../../../plugins/ui-cli/prompt/targets.ts';
import type { Notice, SessionRecord, SessionState, StatesFile } from '../../../sdk/contract/session.ts';
import { barHome } from '../../support/bars/home.ts';
import { parseMenu } from '../../support/bars/menu.ts';
import { ALIVE, DAY, LOGIN, NOW, OFFLINE, PAUSED } from './fake-kernel.ts';

const states = (sessions: Readonly<Record<string, SessionState>>, notices: readonly Notice[] = []): StatesFile => ({
  version: 1,
  notices: [...notices],
  sessions: Object.fromEntries(
    Object.entries(sessions).map(([id, state]) => [id, { displayName: 'A tool', state }] as const),
  ),
});
const running = (file: StatesFile | undefined): PromptFacts => ({ states: file, daemon: 'running', now: NOW });

function printed(format: string, facts: PromptFacts, { env = {}, colour = true } = {}): string {
  const parsed = parseFormat(format);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return renderPrompt(facts, parsed, { env, home: undefined, colour });
}

const WELL = running(states({ claude: ALIVE }));
const NEEDED = running(states({ claude: ALIVE, codex: LOGIN }));
const LINE = '✗ codex login required';

describe('the format', () => {
  test.each<[string, string, string]>([
    ['text', '● 1 alive', LINE],
    ['ansi', '\x1b[32m● 1 alive\x1b[39m', `\x1b[31m${LINE}\x1b[39m`],
    ['bash', '\x01\x1b[32m\x02● 1 alive\x01\x1b[39m\x02', `\x01\x1b[31m\x02${LINE}\x01\x1b[39m\x02`],
    ['zsh', '%F{green}● 1 alive%f', `%F{red}${LINE}%f`],
    ['tmux', '● 1 alive', `#[push-default,fg=white,bg=red]${LINE}#[default,pop-default]`],
    ['polybar', '%{F#3fb950}● 1 alive%{F-}', `%{F#f85149}${LINE}%{F-}`],
    [
      'i3status-rust',
      '{"text":"● 1 alive","short_text":"●","state":"Good"}',
      `{"text":"${LINE}","short_text":"✗","state":"Critical"}`,
    ],
    [
      'waybar',
      '{"text":"● 1 alive","tooltip":"claude: alive","class":"ok","alt":"ok"}',
      `{"text":"${LINE}","tooltip":"claude: alive\\ncodex: login required","class":"login","alt":"login"}`,
    ],
  ])('%s prints its own notation', (format, well, needed) => {
    expect([printed(format, WELL), printed(format, NEEDED)]).toEqual([well, needed]);
  });

  test.each([
    ['tmux:{alive}/{total}', '#[push-default,fg=white,bg=red]1/2#[default,pop-default]'],
    ['zsh:%B{symbol}%b', '%F{red}%B✗%b%f'],
    ['text:{needs} of {class}', '1 of login'],
    ['waybar:{needs}', expect.stringContaining('{"text":"1",')],
    // Not the name of a format.
    ['mine:{alive}', 'mine:1'],
  ])('%s prints the text for that target', (format, expected) => {
    expect(printed(format, NEEDED)).toEqual(expected);
  });

  test.each(Object.keys(TARGETS))('%s has no colours with NO_COLOR, or if none are wanted', name => {
    const plain = ['#[', '%{', '%F', '\x1b', '\x01', 'color='];
    const all = [{ env: { NO_COLOR: '1' } }, { colour: false }].map(how => printed(name, NEEDED, how));
    expect(all.filter(text => plain.some(sign => text.includes(sign)))).toEqual([]);
    expect(all.every(text => text.includes(LINE))).toBe(true);
  });

  test.each(Object.keys(TARGETS))('%s prints a line without sessions, a daemon or a readable file', name => {
    const newer: PromptFacts = { states: { sessions: {}, isNewer: true }, daemon: 'running', now: NOW };
    expect(printed(name, newer)).toContain('update keepalive');
    expect(printed(name, { ...NEEDED, daemon: 'stopped' })).toContain('keepalive is not running');
    const empty = { text: '', ansi: '', bash: '', zsh: '', tmux: '', polybar: '' };
    const expected = Object.entries(empty).find(([target]) => target === name)?.[1] ?? expect.any(String);
    expect([printed(name, running(undefined)), printed(name, running(states({})))]).toEqual([expected, expected]);
  });

  test.each(['starship', 'tmux:plain', 'tmux:{bogus}', 'tmux{alive}x{bogus}'])('%s is refused', format => {
    expect(parseFormat(format)).toEqual({ problem: expect.any(String) });
  });

  test('{ends} is the end of the first login that ends', () => {
    const record = (days: number): SessionRecord => ({
      displayName: '',
      state: ALIVE,
      loginExpiresAt: NOW + days * DAY,
    });
    const facts = running({ version: 1, notices: [], sessions: { a: record(30), b: record(3) } });
    expect([printed('{ends}', facts), printed('{ends}', WELL)]).toEqual(['in 3 days', '']);
  });

  test('a hundred sessions have a short line', () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [`s${at}`, at % 2 ? OFFLINE : PAUSED] as const),
    );
    expect(printed('text', running(states(many)))).toBe('◌ 50 waiting');
    expect(parseMenu(printed('xbar', running(states(many)))).sections[0]).toHaveLength(100);
  });
});

describe('the menu for xbar and SwiftBar', () => {
  const titles = (facts: PromptFacts) =>
    parseMenu(printed('xbar', facts))
      .sections.at(-1)
      ?.map(({ title }) => title);

  test.each<[string, PromptFacts, readonly string[]]>([
    ['a daemon that runs', NEEDED, ['Refresh now', 'Open the settings page']],
    ['none', { ...NEEDED, daemon: 'stopped' }, ['Start Keepalive']],
    ['one that does not respond', { ...NEEDED, now: NOW + DAY }, ['Restart Keepalive']],
    ['no sessions yet', running(undefined), ['Start Keepalive']],
  ])('offers what helps with %s', (_, facts, expected) => {
    expect(titles(facts)).toEqual(expected);
  });

  test.each<[string, PromptFacts]>([
    ['no sessions', running(undefined)],
    ['the files of a newer version', { states: { sessions: {}, isNewer: true }, daemon: 'running', now: NOW }],
  ])('has no separator above nothing with %s', (_, facts) => {
    expect(printed('xbar', facts)).not.toMatch(/---\n*(?:---|$)/);
  });

  test('names the home that was given, so that a click reaches the same daemon', () => {
    const { home } = barHome('login');
    const out = quickPrompt(['--format', 'xbar', '--home', home], {});
    expect(out).toContain(`param2=refresh param3=--all param4=--home param5=${home} terminal=false`);
  });
});
