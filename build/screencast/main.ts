import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withDesktop } from '../example-desktop.ts';
import { withExampleHome } from '../example-home.ts';
import { toSvg } from './svg.ts';
import { Recording } from './terminal.ts';

// Records docs/images/screencast.svg: the real program in a real terminal, with made-up logins in a temporary home.

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist/plugins/ui-cli/main.js');
const TITLE = 'keepalive start, add, plan and the live table in a terminal.';
const keepalive = (...args: readonly string[]) => [process.execPath, MAIN, ...args];
/** After it, the sessions have been checked, and can be checked again. The recording leaves it out. */
const CHECKED_MS = 15_000;

await withExampleHome(home =>
  withDesktop(home, async env => {
    const recording = new Recording(env);
    try {
      await recording.run('keepalive start', keepalive('start'), 4_500);
      await recording.clear();
      const add = ['add', 'codex', '--home', '~/.codex-work', '--id', 'codex-work'];
      await recording.run(`keepalive ${add.join(' ')}`, keepalive(...add), 3_500);
      await sleep(CHECKED_MS);
      await recording.clear();
      await recording.run('keepalive', keepalive('status'), 4_000);
      await recording.run('keepalive plan --for 3h', keepalive('plan', '--for', '3h'), 4_000);
      await recording.clear();
      await recording.play('keepalive status --watch', keepalive('status', '--watch'), [
        [2_500, 'r'],
        [5_500, 'j'],
        [6_500, 'p'],
        [8_500, 'p'],
        [10_000, '?'],
        [13_500, 'q'],
      ]);
      recording.wait(2_000);
      const file = join(ROOT, 'docs/images/screencast.svg');
      writeFileSync(file, toSvg(recording.frames, recording.durationMs, TITLE));
      process.stdout.write(
        `${file}: ${recording.frames.length} frames, ${Math.round(recording.durationMs / 1_000)} s\n`,
      );
    } finally {
      await recording.run('', keepalive('stop'), 0).catch(() => undefined);
    }
  }),
);
