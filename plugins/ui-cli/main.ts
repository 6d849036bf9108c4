#!/usr/bin/env node
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has seen enough, as in `keepalive history | head`.
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const argv = process.argv.slice(2);
// It runs at every shell prompt, so it loads nothing that it does not need.
const line = argv[0] === 'prompt' ? (await import('./prompt/quick.ts')).quickPrompt(argv.slice(1)) : undefined;

if (line !== undefined) {
  process.stdout.write(line);
} else {
  // What holds the key to the API for as long as a person looks on, or becomes the daemon.
  (await import('../../sdk/refuse-debugger.ts')).refuseDebugger();
  (await import('../../sdk/search-path.ts')).neverSearchHere();
  const { realWorld, runCli } = await import('./cli.ts');
  process.exitCode = await runCli(argv, realWorld);
}
