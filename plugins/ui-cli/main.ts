#!/usr/bin/env node
/** The reader has ended, as in `keepalive history | head`, or the terminal is closed. */
const GONE = new Set(['EPIPE', 'ECONNRESET', 'EIO']);

const argv = process.argv.slice(2);
// Before anything else is opened.
const descriptors = argv.includes('exec')
  ? (await import('./gate/inherited-descriptors.ts')).inheritedDescriptors()
  : [];
const inherited = { env: { ...process.env }, descriptors };
// These two are part of what others start, so they load nothing that they do not need.
const line = argv[0] === 'prompt' ? (await import('./prompt/quick.ts')).quickPrompt(argv.slice(1)) : undefined;
const program =
  argv[0] === 'exec'
    ? (await import('./gate/quick-gate.ts')).quickGate(argv.slice(1), inherited.env, Date.now())
    : undefined;

if (program) process.exitCode = await (await import('./gate/become.ts')).become(program, inherited);
else {
  surviveLostOutput();
  if (line !== undefined) process.stdout.write(line);
  else process.exitCode = await runCommand().catch(outOfFiles);
}

async function runCommand(): Promise<number> {
  // A command holds the API's token while it runs, and `run` becomes the daemon.
  (await import('../../sdk/system/refuse-debugger.ts')).refuseDebugger();
  (await import('../../sdk/system/search-path.ts')).neverSearchHere();
  const { realDeps, runCli } = await import('./cli.ts');
  return runCli(argv, realDeps(inherited));
}

/** With very few open files, Node cannot even load what would describe the error. */
function outOfFiles(error: NodeJS.ErrnoException): number {
  if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error;
  process.stderr.write(`Too many files are open (${error.code}). Raise the limit: ulimit -n 256\n`);
  return 1;
}

/** A command runs to its end even if its output is lost: it may have just spent a token. */
function surviveLostOutput(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', () => undefined);
  process.stdout.once('error', ({ code = '' }: NodeJS.ErrnoException) => {
    if (GONE.has(code)) return;
    process.stderr.write(`The output could not be written: ${code}.\n`);
    process.once('exit', () => {
      process.exitCode ||= 1;
    });
  });
}
