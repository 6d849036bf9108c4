import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withExampleHome } from './example-home.ts';

// Takes docs/images/bars.png: the real polybar, and bash in the real tmux, each with its snippet, and with logins made
// up in a temporary home. Needs Xvfb, polybar, tmux, xterm and ImageMagick.

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MAIN = join(ROOT, 'dist/plugins/ui-cli/main.js');
const FILE = join(ROOT, 'docs/images/bars.png');
const [WIDTH, HEIGHT, BAR] = [854, 204, 30];
const FONT = 'DejaVu Sans Mono';

const POLYBAR = `
[bar/main]
width = 100%
height = ${BAR}
background = #1c2128
foreground = #e6edf3
padding = 2
font-0 = ${FONT}:size=12;3
modules-left = desk
modules-right = keepalive
[module/desk]
type = custom/text
content = polybar
`;

/** What the programs read, with our snippets. */
function putFiles(folder: string, keepalive: (...args: readonly string[]) => string): void {
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
  put('polybar.ini', POLYBAR + keepalive('snippet', 'polybar'));
  put('tmux.conf', `${keepalive('snippet', 'tmux')}\nset -g status-right-length 60\nset -g status-interval 1`);
  put('bashrc', `PS1='~/project $ '\n${keepalive('snippet', 'bash')}`);
  const bash = `bash --rcfile "${folder}/bashrc"`;
  put('bin/session', `#!/bin/sh\nexec tmux -L picture -f '${folder}/tmux.conf' new-session -n bash '${bash}'\n`);
  chmodSync(join(folder, 'bin/session'), 0o700);
}

await withExampleHome(async home => {
  const started: ChildProcess[] = [];
  const launch = (program: string, args: readonly string[], env: Readonly<Record<string, string>>) => {
    const child = spawn(program, args, { env, cwd: env['HOME'], stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    started.push(child);
    return child;
  };
  const keepalive = (...args: readonly string[]) =>
    execFileSync(process.execPath, [MAIN, ...args], { env: home, cwd: home.HOME, encoding: 'utf8' });
  keepalive('start');
  try {
    keepalive('add', 'codex', '--home', '~/.codex-work', '--id', 'codex-work');
    keepalive('refresh', '--all');
    putFiles(home.HOME, keepalive);
    const size = `${WIDTH}x${HEIGHT}x24`;
    const screen = launch('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp'], home);
    const [display] = await once(screen.stdio[3] as Readable, 'data');
    const env = { ...home, DISPLAY: `:${String(display).trim()}`, LC_ALL: 'C.UTF-8' };
    const look = ['-fa', FONT, '-fs', '12', '-bg', '#0d1117', '-fg', '#e6edf3', '-b', '6', '+sb'];
    launch('xterm', [...look, '-geometry', `84x8+0+${BAR}`, '-e', 'session'], env);
    await sleep(4_000);
    const type = (text: string) => execFileSync('tmux', ['-L', 'picture', 'send-keys', text, 'Enter'], { env });
    type('npm test --silent');
    await sleep(2_000);
    // Signing out of a tool shows what a session looks like that needs the user. The daemon sees it at once.
    rmSync(join(home.HOME, '.codex-work/auth.json'));
    await sleep(4_000);
    type('cd .');
    launch('polybar', [`--config=${join(home.HOME, 'polybar.ini')}`, 'main'], env);
    await sleep(5_000);
    execFileSync('import', ['-window', 'root', FILE], { env });
    process.stdout.write(`${FILE}\n`);
  } finally {
    execFileSync('tmux', ['-L', 'picture', 'kill-server'], { env: home });
    for (const child of started.toReversed()) {
      const ended = once(child, 'exit');
      if (child.kill()) await ended;
    }
    keepalive('stop');
  }
});
