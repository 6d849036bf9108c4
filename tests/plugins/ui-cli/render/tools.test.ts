import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderTools } from '../../../../plugins/ui-cli/render/tools.ts';
import { plain } from '../../../../plugins/ui-cli/render/view.ts';
import type { Tool } from '../../../../sdk/contract/rpc.ts';
import { displayWidth } from '../../../../plugins/ui-cli/render/width.ts';
import { HOUR, NOW } from '../fake-kernel.ts';

const place = join(homedir(), '.codex/auth.json');
const tool = (more: Partial<Tool>): Tool => ({
  plugin: 'codex',
  displayName: 'Codex',
  status: 'missing',
  places: [place],
  sessions: [],
  ...more,
});
const KEPT = tool({ status: 'kept', sessions: ['codex'], expiresAt: NOW + 3 * HOUR });
const OUT = tool({
  plugin: 'claude',
  displayName: 'Claude Code',
  status: 'signed-out',
  action: 'Run `claude`, then type `/login`. It is only read.',
});
const MISSING = tool({
  plugin: 'copilot',
  displayName: 'GitHub Copilot CLI',
  action: 'Install GitHub Copilot CLI. Start `copilot` and type /login. A login in a keychain cannot be seen.',
});
const render = (tools: readonly Tool[], form: 'short' | 'full', width = 100, hasSessions = false) =>
  renderTools(tools, form, { now: NOW, width, paint: plain }, { hasSessions });

describe('the list of tools', () => {
  test('in short: one line for each that is there, and one for all others', () => {
    expect(render([MISSING, OUT, KEPT], 'short')).toBe(
      [
        '✓ Codex               signed in, expires in 3 h',
        '○ Claude Code         installed, but not signed in → Run `claude`, then type `/login`.',
        '· Not found: GitHub Copilot CLI.',
      ].join('\n'),
    );
  });

  test('in short, if nothing is signed in: what to type for each', () => {
    expect(render([MISSING, OUT], 'short')).toBe(
      [
        'Sign in to one of these tools. It is then found within seconds, without a restart.',
        '○ Claude Code         installed, but not signed in → Run `claude`, then type `/login`.',
        '· GitHub Copilot CLI  not found → Start `copilot` and type /login.',
      ].join('\n'),
    );
  });

  test('without a daemon, no login is found by itself', () => {
    const text = renderTools([MISSING], 'full', { now: NOW, width: 80, paint: plain }, { isRunning: false });
    expect(text.split('\n')[0]).toBe('Sign in to one of these tools.');
  });

  test('in short, beside sessions of other tools: only that they were not found', () => {
    const view = { now: NOW, width: 80, paint: plain };
    expect(renderTools([MISSING], 'short', view, { hasSessions: true })).toBe('· Not found: GitHub Copilot CLI.');
  });

  test('in full: also where each login was looked for', () => {
    expect(render([OUT, KEPT], 'full')).toBe(
      [
        '✓ Codex               signed in, expires in 3 h',
        '○ Claude Code         installed, but not signed in (looked in ~/.codex/auth.json)',
        '                      → Run `claude`, then type `/login`. It is only read.',
      ].join('\n'),
    );
  });

  test.each<[string, Partial<Tool>, string]>([
    [
      'that no session keeps',
      { status: 'not-kept', action: 'To keep it alive, run `keepalive add codex`.' },
      '▲ Codex               signed in, but no session keeps it alive → To keep it alive, run `keepalive add codex`.',
    ],
    [
      'that another session keeps too',
      { status: 'kept', sessions: ['codex', 'codex-work'] },
      '✓ Codex               signed in (codex, codex-work)',
    ],
    [
      'whose login cannot be used',
      { status: 'unreadable', action: 'It is at app.example.com. Sign in.' },
      '▲ Codex               a login was found that cannot be used → It is at app.example.com.',
    ],
  ])('a login %s', (_which, more, expected) => {
    expect(render([KEPT, tool(more)], 'short', 120).split('\n')).toContain(expected);
  });

  test.each([60, 80, 120])('fits in %d columns', width => {
    for (const form of ['short', 'full'] as const)
      for (const line of render([KEPT, OUT, MISSING], form, width).split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  test('beside sessions, tools that are not there are only named', () => {
    expect(render([MISSING, OUT], 'full', 100, true)).toBe(
      [
        '○ Claude Code         installed, but not signed in (looked in ~/.codex/auth.json)',
        '                      → Run `claude`, then type `/login`. It is only read.',
        '· Not found: GitHub Copilot CLI.',
      ].join('\n'),
    );
  });

  test('is empty for a daemon of an earlier version', () => {
    expect(render([], 'short')).toBe('');
  });
});
