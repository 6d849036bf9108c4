import { CommanderError } from 'commander';
import { resolve } from 'node:path';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { workingFolder } from '../../sdk/config-file/search-config.ts';
import type { Command } from './command.ts';
import { createConnections, realWays, type Ways } from './connections.ts';
import { EXIT, exitCodeOfError } from './exit-code.ts';
import { describeFailure } from './failure.ts';
import { createProgram, type Invocation } from './program.ts';
import { createScreen, print, printDocument, type Output, type Screen } from './screen.ts';
import { noteUntrusted } from './unused-config.ts';

/** All that the command line knows of the outside; a test hands in its own. */
export type World = {
  readonly out: Output;
  readonly err: Output;
  readonly env: Record<string, string | undefined>;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
  readonly interrupted: () => AbortSignal;
  readonly ways: Ways;
  readonly cwd?: string | undefined;
};

export const realWorld: World = {
  out: process.stdout,
  err: process.stderr,
  env: process.env,
  platform: process.platform,
  now: Date.now,
  ways: realWays,
  get cwd() {
    return workingFolder();
  },
  interrupted() {
    const controller = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
    // A live view ends with its reader.
    process.stdout.once('error', () => controller.abort());
    return controller.signal;
  },
};

/** Runs one command line to its end. Answers the exit code; never rejects. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  let exitCode: number = EXIT.fine;
  const program = createProgram({
    write: text => print(world.out, text),
    writeError: text => print(world.err, text),
    run: async (load, invocation) => {
      exitCode = await runCommand(load, invocation, world);
    },
  });
  try {
    await program.parseAsync(withDefault(argv, program), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    print(world.err, `${describeFailure(error, world.now())}\n`);
    return exitCodeOfError(error);
  }
}

async function runCommand(load: () => Promise<Command>, { args, options }: Invocation, world: World): Promise<number> {
  const { env, platform, now, interrupted, out, err, ways, cwd } = world;
  // Before anything is located: a kernel that we start inherits it.
  if (options.home) env['KEEPALIVE_HOME'] = resolve(options.home);
  const configFile = options.config && resolve(options.config);
  const screen = createScreen({ out, err, env, now, json: Boolean(options.json), colour: options.color });
  const note = () =>
    noteUntrusted({
      home: locateHome(env),
      cwd,
      screen,
      options: { ...(configFile && { config: configFile }) },
    });
  const connections = createConnections(
    ways,
    {
      mode: 'once',
      here: true,
      configFile,
      tell: screen.note,
      get logFile() {
        return locateHome(env).log;
      },
    },
    note,
  );
  try {
    const command = await load();
    const {
      document,
      text,
      exitCode = EXIT.fine,
      afterwards,
    } = await command({
      args,
      options: { ...options, ...(configFile ? { config: configFile } : {}) },
      screen,
      cwd,
      env,
      platform,
      now,
      ways,
      interrupted,
      daemon: connections.daemon,
      // Found on demand: not every command needs a home, and not every user has one.
      get home() {
        return locateHome(env);
      },
      async kernel(tolerance) {
        const client = await connections.kernel(tolerance);
        if (configFile) await noteOtherConfig(client, configFile, screen);
        return client;
      },
    });
    if (options.json) printDocument(out, document);
    else show(text(screen.view()), screen);
    await afterwards?.();
    return exitCode;
  } finally {
    screen.draw(undefined);
    await connections.close();
  }
}

/** A running daemon is asked rather than a second kernel started beside it, also where the two would differ. */
async function noteOtherConfig(client: KeepaliveClient, configFile: string, screen: Screen): Promise<void> {
  const { configFile: used } = await client.request('kernel/info');
  if (used === configFile) return;
  screen.note(`The running daemon answers, and it uses ${used ?? 'no configuration file'}; --config is not regarded.`);
}

function show(text: string, screen: Screen): void {
  screen.draw(undefined);
  if (text) screen.line(text);
}

/** `keepalive` alone, or with options alone, is `keepalive status`. */
function withDefault(argv: readonly string[], program: ReturnType<typeof createProgram>): readonly string[] {
  if (argv.some(arg => ['-h', '--help', '-V', '--version'].includes(arg))) return argv;
  return program.parseOptions([...argv]).operands.length ? argv : ['status', ...argv];
}
