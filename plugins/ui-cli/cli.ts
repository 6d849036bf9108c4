import { CommanderError } from 'commander';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { workingFolder } from '../../sdk/config-file/search-config.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { withProviderHome } from './adding/home-of-provider.ts';
import { COMMANDS } from './commands/table.ts';
import type { CommandResult, Command, CommandContext, Program } from './context/command.ts';
import { describeFailure, documentOfFailure, EXIT, exitCodeOfError } from './context/exit.ts';
import { UsageError, type Options } from './context/options.ts';
import type { Inherited } from './gate/become.ts';
import { createKeyboard } from './context/keyboard.ts';
import { createScreen, print, printDocument, printRaw, type Output, type Screen } from './context/screen.ts';
import { noteUntrusted } from './context/unused-config.ts';
import { createConnections, realSystem, type Connections } from './processes/connections.ts';
import { createProgram, type Invocation } from './program.ts';
import type { Place } from './remote/place.ts';

/** Everything outside the command line. Tests replace it. */
export type CliDeps = Pick<CommandContext, 'platform' | 'now' | 'interrupted' | 'system' | 'cwd' | 'keyboard'> & {
  readonly out: Output;
  readonly err: Output;
  /** `--home` is written into it, so that a kernel that we start inherits it. */
  readonly env: Record<string, string | undefined>;
  /** The environment that this process was started with. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Replaces this process by a program, or runs it, and resolves with its exit code. */
  become(program: Program): Promise<number>;
};

export const realDeps = (inherited: Inherited): CliDeps => ({
  inherited: inherited.env,
  become: async program => (await import('./gate/become.ts')).become(program, inherited),
  out: process.stdout,
  err: process.stderr,
  env: process.env,
  platform: process.platform,
  now: Date.now,
  system: realSystem,
  keyboard: createKeyboard(process.stdin, process.platform),
  get cwd() {
    return workingFolder();
  },
  interrupted() {
    const controller = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort(signal));
    // A live view ends when its output is closed.
    process.stdout.once('error', () => controller.abort());
    return controller.signal;
  },
});

/** Runs one command line. Resolves with the exit code, and never rejects. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  let exitCode: number = EXIT.fine;
  const json = asksForJson(argv);
  try {
    const place = await placeOf(argv);
    const program = createProgram({
      write: text => print(deps.out, text),
      writeError: text => json || print(deps.err, text),
      versionAsJson: json,
      run: async (load, invocation) => {
        exitCode = await runCommand(place ? () => loadFor(place, invocation.name) : load, invocation, deps);
      },
    });
    await program.parseAsync(withDefault(withProviderHome(place?.argv ?? argv), program), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && (error.exitCode === 0 || !json))
      return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    const failure = error instanceof CommanderError ? new UsageError(error.message.replace(/^error: /, '')) : error;
    if (json) printDocument(deps.out, documentOfFailure(failure, deps.now()));
    else print(deps.err, `${describeFailure(failure, deps.now())}\n`);
    return exitCodeOfError(failure);
  }
}

/** Where the command is to run. Undefined for this machine, which loads nothing. */
const placeOf = async (argv: readonly string[]): Promise<Place | undefined> =>
  argv.some(word => word.startsWith('--host') || word.startsWith('--remote-command'))
    ? (await import('./remote/place.ts')).takePlace(argv)
    : undefined;

const loadFor = async (place: Place, name: string): Promise<Command> =>
  (await import('./remote/on-host.ts')).onHost(place, name);

/** Whether the answer is to be one JSON document, whatever happens: also if the command line is not valid. */
const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
};

async function runCommand(load: () => Promise<Command>, invocation: Invocation, deps: CliDeps): Promise<number> {
  const { env, now, out, err, system, cwd } = deps;
  const { home, config, ...given } = invocation.options;
  if (home) env['KEEPALIVE_HOME'] = resolve(home);
  const options: Options = { ...given, ...(home && { home }), ...(config && { config: resolve(config) }) };
  const screen = createScreen({ out, err, env, now, json: Boolean(options.json), colour: options.color });
  const once = {
    mode: 'once',
    here: true,
    configFile: options.config,
    note: screen.note,
    get logFile() {
      return locateHome(env).log;
    },
  } as const;
  const connections = createConnections(system, once, () =>
    noteUntrusted({ home: locateHome(env), cwd, screen, options }),
  );
  let answer: CommandResult;
  let exitCode: number;
  try {
    const command = await load();
    answer = await command(
      contextOf(deps, { name: invocation.name, args: invocation.args, options, screen }, connections),
    );
    exitCode = answer.become ? EXIT.fine : await finish(answer, { options, out, screen });
  } finally {
    screen.draw(undefined);
    await connections.close();
  }
  return answer.become ? deps.become(answer.become) : exitCode;
}

async function finish(answer: CommandResult, shown: Shown): Promise<number> {
  show(answer, shown);
  const next = await answer.afterwards?.();
  return next ? finish(next, shown) : (answer.exitCode ?? EXIT.fine);
}

type Call = Pick<CommandContext, 'args' | 'options' | 'screen'> & Pick<Invocation, 'name'>;

function contextOf(
  { env, inherited, platform, now, system, interrupted, cwd, keyboard }: CliDeps,
  call: Call,
  connections: Connections,
): CommandContext {
  const noted = notingOtherConfig(call);
  return {
    ...call,
    commands: COMMANDS,
    env,
    inherited,
    platform,
    now,
    system,
    interrupted,
    cwd,
    keyboard,
    daemon: given => connections.daemon(given).then(noted),
    disconnect: connections.close,
    letGo: connections.letGo,
    // Located on demand: not every command needs a home, and not every user has one.
    get home() {
      return locateHome(env);
    },
    kernel: needs => connections.kernel(needs).then(noted),
  };
}

/** These use the file for another daemon than the running one, and say themselves what that one does not take. */
const FOR_ANOTHER = /^(start|stop|restart|service)\b/;

/** A running daemon answers even if it uses another configuration than the one that was given. That is said once. */
function notingOtherConfig({
  name,
  options: { config },
  screen,
}: Call): (client: KeepaliveClient) => Promise<KeepaliveClient> {
  let isNoted = config === undefined || FOR_ANOTHER.test(name);
  return async client => {
    if (isNoted || config === undefined) return client;
    isNoted = true;
    const { configFile } = await client.request('kernel/info');
    if (configFile === config) return client;
    if (!existsSync(config)) throw new KeepaliveError('KA_CONFIG_NOT_FOUND', { file: config });
    screen.note(`A daemon is running and uses ${configFile ?? 'no configuration file'}, so --config is ignored.`);
    return client;
  };
}

type Shown = { readonly options: Options; readonly out: Output; readonly screen: Screen };

function show({ document, text, raw }: CommandResult, { options, out, screen }: Shown): void {
  if (raw !== undefined) return printRaw(out, raw);
  if (options.json) return document === undefined ? undefined : printDocument(out, document);
  const rendered = text(screen.view());
  screen.draw(undefined);
  if (rendered) screen.line(rendered);
}

/** Adds `status` if the command line names no command. */
function withDefault(argv: readonly string[], program: ReturnType<typeof createProgram>): readonly string[] {
  if (argv.some(arg => ['-h', '--help', '-V', '--version'].includes(arg))) return argv;
  return program.parseOptions([...argv]).operands.length ? argv : ['status', ...argv];
}
