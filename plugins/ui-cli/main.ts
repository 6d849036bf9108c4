#!/usr/bin/env node
/** The reader has ended, as in `keepalive history | head`, or the terminal is closed. */
const GONE = new Set(['EPIPE', 'ECONNRESET', 'EIO']);

// A command runs to its end even if its output is lost: it may have just spent a token.
process.stderr.on('error', () => undefined);
process.stdout.on('error', () => undefined);
process.stdout.once('error', ({ code = '' }: NodeJS.ErrnoException) => {
  if (GONE.has(code)) return;
  process.stderr.write(`The output could not be written: ${code}.\n`);
  process.once('exit', () => {
    process.exitCode ||= 1;
  });
});

const argv = process.argv.slice(2);
// It runs at every shell prompt, so it loads nothing that it does not need.
const line = argv[0] === 'prompt' ? (await import('./prompt/quick.ts')).quickPrompt(argv.slice(1)) : undefined;

if (line !== undefined) {
  process.stdout.write(line);
} else {
  // A command holds the API's token while it runs, and `run` becomes the daemon.
  (await import('../../sdk/system/refuse-debugger.ts')).refuseDebugger();
  (await import('../../sdk/system/search-path.ts')).neverSearchHere();
  const { realDeps, runCli } = await import('./cli.ts');
  process.exitCode = await runCli(argv, realDeps);
}
