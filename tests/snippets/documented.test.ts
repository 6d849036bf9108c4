import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { parse as parseKdl } from '@bgotink/kdl';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { barHome, LINES, saveSnippet, type Situation } from '../support/bars/home.ts';
import { readText } from '../support/sources.ts';
import { parseMenu } from '../support/bars/menu.ts';

// These tools cannot be installed here. Their snippets are checked against what their documentation says: each command
// is run as the tool would run it, and its output is read as the tool would read it.

const ANSI = { well: `\x1b[32m${LINES.well}\x1b[39m`, login: `\x1b[31m${LINES.login}\x1b[39m` } as const;
const SITUATIONS: readonly Situation[] = ['well', 'login'];

/** The output of a program in a shell's environment. */
function output([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): string {
  const { stdout, stderr, status } = spawnSync(program, args, { env, encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

const toml = (file: string) => parseToml(readText(`docs/snippets/${file}`));

test.each(SITUATIONS)('docs/snippets/starship.toml by its documented rules: a custom module (%s)', situation => {
  const { command, shell, ...rest } = Object(toml('starship.toml')['custom']).keepalive;
  expect(rest).toEqual({ when: true, format: '($output )' });
  expect(output([...shell, command], barHome(situation).env).trim()).toBe(ANSI[situation]);
});

describe('docs/snippets/oh-my-posh.toml by its documented rules', () => {
  test.each(SITUATIONS)('its shell function sets what the segment reads (%s)', situation => {
    const [, definition = ''] = /^# {3}(set_poshcontext.*)$/m.exec(readText('docs/snippets/oh-my-posh.toml')) ?? [];
    const script = `${definition}\nset_poshcontext\nprintenv KEEPALIVE_PROMPT`;
    expect(output(['sh', '-c', script], barHome(situation).env)).toBe(`${LINES[situation]}\n`);
  });

  test('the segment is a text with a colour by the first character', () => {
    const [segment] = Object(toml('oh-my-posh.toml')['blocks']).segments;
    expect(segment).toMatchObject({ type: 'text', style: 'plain' });
    expect(segment.template).toContain('{{ .Env.KEEPALIVE_PROMPT }}');
    const prefixes = segment.foreground_templates.map(
      (text: string) => /hasPrefix "(.)" \.Env\.KEEPALIVE_PROMPT/u.exec(text)?.[1],
    );
    expect(prefixes).toEqual([LINES.login[0], LINES.well[0]]);
  });
});

test.each(SITUATIONS)('docs/snippets/zellij.kdl by the rules of zjstatus: a raw command (%s)', situation => {
  const nodes = parseKdl(readText('docs/snippets/zellij.kdl')).nodes;
  const options = Object.fromEntries(nodes.map(node => [node.getName(), String(node.getArgument(0))]));
  const { command_keepalive_command: command = '', ...rest } = options;
  expect(rest).toEqual({
    command_keepalive_format: '{stdout}',
    command_keepalive_rendermode: 'raw',
    command_keepalive_interval: '30',
  });
  // It splits the command at spaces that are not in quotes.
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  expect(output(words, barHome(situation).env).replace(/\n$/, '')).toBe(ANSI[situation]);
});

test.each<[Situation, string]>([
  ['well', 'Good'],
  ['login', 'Critical'],
])('docs/snippets/i3status-rust.toml by its documented rules: a custom block with JSON (%s)', (situation, state) => {
  const [block] = Array.from(Object(toml('i3status-rust.toml')['block']), value => Object(value));
  expect(block).toMatchObject({ block: 'custom', json: true, interval: 30, hide_when_empty: true });
  const text = LINES[situation];
  expect(JSON.parse(output(['sh', '-c', block.command], barHome(situation).env))).toEqual({
    text,
    short_text: text[0],
    state,
  });
});

describe('docs/snippets/keepalive.30s.sh by the documented rules of xbar and SwiftBar', () => {
  const text = readText('docs/snippets/keepalive.30s.sh');

  test('has a name with its interval, and the metadata', () => {
    expect(basename('docs/snippets/keepalive.30s.sh')).toMatch(/^[^.]+\.\d+[smhd]\.[a-z]+$/);
    const metadata = [...text.matchAll(/^# <(\w+\.\w+)>([^<]+)<\/\1>$/gm)].map(([, name]) => name);
    expect(metadata).toEqual(expect.arrayContaining(['xbar.title', 'xbar.version', 'xbar.desc', 'xbar.dependencies']));
    expect(text.startsWith('#!/bin/sh\n')).toBe(true);
  });

  test('shows all sessions, what helps, and commands that run without a shell', () => {
    const { home, env } = barHome('login');
    const menu = parseMenu(output(['sh', saveSnippet(home, 'keepalive.30s.sh')], env));
    expect(menu.header).toEqual([{ title: LINES.login, depth: 0, params: { color: '#f85149' } }]);
    expect(menu.sections[0]).toEqual([
      { title: 'claude: alive', depth: 0, params: {} },
      { title: 'codex: login required', depth: 0, params: { color: '#f85149' } },
      { title: 'Run `codex login`.', depth: 1, params: {} },
    ]);
    const [refresh, page] = menu.sections[1] ?? [];
    expect([refresh?.title, page?.title]).toEqual(['Refresh now', 'Open the settings page']);
    expect(refresh?.params).toMatchObject({ terminal: 'false', refresh: 'true' });
    const words = Object.entries(refresh?.params ?? {}).flatMap(([name, value]) =>
      name.startsWith('param') ? [value] : [],
    );
    // There is no daemon here, which only our program says.
    const { status, stderr } = spawnSync(refresh?.params['bash'] ?? '', words, {
      env: { HOME: home },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining('KA_RPC_NO_DAEMON') });
  });
});

test.each(SITUATIONS)('docs/snippets/raycast.sh by its documented rules: an inline script command (%s)', situation => {
  const header = [...readText('docs/snippets/raycast.sh').matchAll(/^# @raycast\.(\w+) (.+)$/gm)];
  expect(Object.fromEntries(header.map(([, name, value]) => [name, value]))).toMatchObject({
    schemaVersion: '1',
    title: expect.any(String),
    mode: 'inline',
    refreshTime: expect.stringMatching(/^\d+[smhd]$/),
  });
  const { home, env } = barHome(situation);
  const [first] = output(['sh', saveSnippet(home, 'raycast.sh')], env).split('\n');
  expect(first).toBe(ANSI[situation]);
});
