import { Command as CommanderCommand } from 'commander';
import { createRequire } from 'node:module';
import type { Command } from './command.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import type { Options } from './options.ts';

export type Invocation = { readonly args: readonly string[]; readonly options: Options };

export type ProgramOptions = {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly run: (load: () => Promise<Command>, invocation: Invocation) => Promise<void>;
};

/** The command line as commander knows it, made from the table of commands. */
export function createProgram({ write, writeError, run }: ProgramOptions): CommanderCommand {
  const { version } = createRequire(import.meta.url)('session-keepalive/package.json') as { readonly version: string };
  const program = new CommanderCommand('keepalive')
    .description('Keeps you signed in to your AI coding tools. `keepalive` alone shows the status.')
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: write, writeErr: writeError })
    .showHelpAfterError('Run `keepalive --help` to see all commands.')
    .exitOverride();
  for (const { flags, about } of GLOBAL_OPTIONS) program.option(flags, about);
  for (const entry of COMMANDS) addCommand(familyOf(entry, program), entry, run);
  return program;
}

/** The command that `config show` hangs under: made when its first member comes. */
function familyOf({ usage }: CommandEntry, program: CommanderCommand): CommanderCommand {
  const [first = '', second = ''] = usage.split(' ');
  if (!/^[a-z]/.test(second)) return program;
  return program.commands.find(command => command.name() === first) ?? program.command(first).copyInheritedSettings(program);
}

function addCommand(parent: CommanderCommand, { usage, about, options = [], load }: CommandEntry, run: ProgramOptions['run']): void {
  const words = usage.split(' ');
  const own = parent.parent ? words.slice(1) : words;
  const command = parent.command(own.join(' ')).description(about);
  for (const { flags, about, parse, initial } of options) {
    if (parse) command.option(flags, about, parse, initial);
    else command.option(flags, about);
  }
  const path = parent.parent ? `${parent.name()} ${command.name()}` : command.name();
  command
    .showHelpAfterError(`Usage: keepalive ${path} ${command.usage()}\nRun \`keepalive ${path} --help\` for more.`)
    .action(() => run(load, { args: command.args, options: command.optsWithGlobals<Options>() }));
}
