import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withExampleHome } from '../example-home.ts';
import { toSvg } from './svg.ts';
import { Recording } from './terminal.ts';

// Records docs/images/screencast.svg: the real program in a real terminal, with made-up logins in a temporary home.

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist/plugins/ui-cli/main.js');
const TITLE = 'keepalive start, status, plan and the live table in a terminal.';
const keepalive = (...args: readonly string[]) => [process.execPath, MAIN, ...args];

await withExampleHome(async env => {
  const recording = new Recording(env);
  try {
    await recording.run('keepalive start', keepalive('start'), 4_000);
    await recording.run('keepalive', keepalive('status'), 4_500);
    await recording.clear();
    await recording.run('keepalive plan --for 3h', keepalive('plan', '--for', '3h'), 4_500);
    await recording.clear();
    await recording.play('keepalive status --watch', keepalive('status', '--watch'), [
      [2_500, '?'],
      [5_500, '?'],
      [6_500, 'j'],
      [7_500, 'p'],
      [9_500, 'p'],
      [12_000, 'q'],
    ]);
    recording.wait(2_000);
    const file = join(ROOT, 'docs/images/screencast.svg');
    writeFileSync(file, toSvg(recording.frames, recording.durationMs, TITLE));
    process.stdout.write(`${file}: ${recording.frames.length} frames, ${Math.round(recording.durationMs / 1_000)} s\n`);
  } finally {
    await recording.run('', keepalive('stop'), 0).catch(() => undefined);
  }
});
