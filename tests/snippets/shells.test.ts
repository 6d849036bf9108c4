import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { barHome, LINES, saveSnippet, type Situation } from '../support/bars/home.ts';
import { isInstalled, realOrMissing } from '../support/bars/programs.ts';
import { TestTerminal, type Look } from '../support/bars/terminal.ts';

const [RED, GREEN, WHITE] = [1, 2, 7];
const plainly = (front: number): Look => ({ front, back: undefined });
const SITUATIONS: readonly (readonly [Situation, Look])[] = [
  ['well', plainly(GREEN)],
  ['login', plainly(RED)],
];
/** A command line that just fits into the row after the line. */
const filler = (line: string, prompt: string) => 'x'.repeat(80 - [...line].length - [...prompt].length - 1);

describe.skipIf(!isInstalled('bash'))(`docs/snippets/bash.sh in ${realOrMissing('bash')}`, () => {
  test.each(SITUATIONS)('shows in colour that all is %s', async (situation, look) => {
    const { home, env } = barHome(situation);
    writeFileSync(join(home, 'rc'), `PS1='$ '\n. '${saveSnippet(home, 'bash.sh')}'\n`);
    const shell = new TestTerminal('bash', ['--rcfile', join(home, 'rc'), '-i'], env);
    expect(await shell.look(LINES[situation])).toEqual(look);
    // bash wraps at the right column only if it knows the width of the prompt.
    const typed = filler(LINES[situation], ' $ ');
    shell.type(typed);
    expect(await shell.see(typed)).toBe(`${LINES[situation]} $ ${typed}`);
  });
});

describe.skipIf(!isInstalled('zsh'))(`docs/snippets/zsh.zsh in ${realOrMissing('zsh')}`, () => {
  test.each(SITUATIONS)('shows in colour that all is %s', async (situation, look) => {
    const { home, env } = barHome(situation);
    writeFileSync(join(home, '.zshrc'), `PROMPT='%% '\n. '${saveSnippet(home, 'zsh.zsh')}'\n`);
    const shell = new TestTerminal('zsh', ['-d', '-i'], { ...env, ZDOTDIR: home });
    expect(await shell.look(LINES[situation])).toEqual(look);
    const typed = filler(LINES[situation], ' % ');
    shell.type(typed);
    expect(await shell.see(typed)).toBe(`${LINES[situation]} % ${typed}`);
  });
});

describe.skipIf(!isInstalled('fish'))(`docs/snippets/fish.fish in ${realOrMissing('fish')}`, () => {
  test.each(SITUATIONS)('shows at the right end, in colour, that all is %s', async (situation, look) => {
    const { home, env } = barHome(situation);
    const functions = join(home, '.config/fish/functions');
    mkdirSync(functions, { recursive: true });
    renameSync(saveSnippet(home, 'fish.fish'), join(functions, 'fish_right_prompt.fish'));
    const shell = new TestTerminal('fish', ['-i'], env);
    expect(await shell.look(LINES[situation])).toEqual(look);
    const line = await shell.see(LINES[situation]);
    expect(line.endsWith(LINES[situation])).toBe(true);
  });
});

describe.skipIf(!isInstalled('tmux'))(`docs/snippets/tmux.conf in ${realOrMissing('tmux')}`, () => {
  test.each<[Situation, Look]>([
    // The status line of tmux is green, with black text.
    ['well', { front: 0, back: GREEN }],
    ['login', { front: WHITE, back: RED }],
  ])('shows readably that all is %s, and leaves the rest of the status line as it is', async (situation, look) => {
    const { home, env } = barHome(situation);
    const file = saveSnippet(home, 'tmux.conf');
    writeFileSync(
      join(home, 'all.conf'),
      `set -g status-right 'before'\nsource-file '${file}'\nset -ag status-right ' after'`,
    );
    const server = ['-S', join(home, 'socket'), '-f', join(home, 'all.conf')];
    onTestFinished(() => void execFileSync('tmux', [...server, 'kill-server'], { env }));
    const terminal = new TestTerminal('tmux', [...server, 'new-session', 'sh'], env);
    expect(await terminal.look(LINES[situation])).toEqual(look);
    expect(await terminal.see('after')).toContain(`before ${LINES[situation]} after`);
    expect(await terminal.look('after')).toEqual({ front: 0, back: GREEN });
  });
});
