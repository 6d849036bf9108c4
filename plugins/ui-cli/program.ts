import { Command as CommanderCommand, Option } from 'commander';
import { COMMANDS, FAMILIES } from './commands/table.ts';
import type { Command, CommandEntry } from './context/command.ts';
import { GLOBAL_OPTIONS, type Options } from './context/options.ts';
import { VERSION } from './render/sentences.ts';

export type Invocation = {
  /** The name of the command, such as `notify test`. */
  readonly name: string;
  readonly args: readonly string[];
  readonly options: Options;
};

type ProgramOptions = {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Print the version as a JSON document. */
  readonly versionAsJson: boolean;
  readonly run: (load: () => Promise<Command>, invocation: Invocation) => Promise<void>;
};

/** Builds the commander program from the table of commands. */
export function createProgram({ write, writeError, versionAsJson, run }: ProgramOptions): CommanderCommand {
  const program = new CommanderCommand('keepalive')
    .description('Keeps you signed in to your AI coding tools. `keepalive` alone shows the status.')
    .version(versionAsJson ? JSON.stringify({ version: VERSION }) : VERSION, '-V, --version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: write, writeErr: writeError })
    .showHelpAfterError('Run `keepalive --help` to see all commands.')
    .exitOverride();
  for (const { flags, about } of GLOBAL_OPTIONS) program.option(flags, about);
  for (const [group, entries] of Object.entries(COMMANDS)) {
    program.commandsGroup(`${group}:`);
    for (const entry of entries) addCommand(parentOf(entry, program), entry, run);
  }
  return program.helpCommand('help [command]', 'show how to use a command');
}

/** The parent of a command: `config` for `config show`, created with the family's first command. */
function parentOf({ usage }: CommandEntry, program: CommanderCommand): CommanderCommand {
  const [family = ''] = usage.split(' ');
  const about = FAMILIES[family];
  if (about === undefined) return program;
  return program.commands.find(command => command.name() === family) ?? program.command(family).description(about);
}

function addCommand(parent: CommanderCommand, entry: CommandEntry, run: ProgramOptions['run']): void {
  const { usage, about, options = [], help, load } = entry;
  const own = parent.parent ? usage.slice(parent.name().length + 1) : usage;
  const command = parent.command(own).description(about);
  for (const { flags, about, parse, initial } of options) {
    const option = new Option(flags, about);
    if (parse) option.argParser(parse);
    if (parse && initial !== undefined) option.default(parse(initial), initial);
    command.addOption(option);
  }
  if (help) command.addHelpText('after', () => `\n${help()}`);
  const name = `${parent.parent ? `${parent.name()} ` : ''}${command.name()}`;
  const path = `keepalive ${name}`;
  command
    .showHelpAfterError(`Usage: ${path} ${command.usage()}\nRun \`${path} --help\` for more.`)
    .action(() => run(load, { name, args: command.args, options: command.optsWithGlobals<Options>() }));
}
