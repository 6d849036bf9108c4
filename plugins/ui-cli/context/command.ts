import type { Home } from '../../../sdk/system/home.ts';
import type { Connections, System } from '../processes/connections.ts';
import type { View } from '../render/view.ts';
import type { ExitCode } from './exit.ts';
import type { Keyboard } from './keyboard.ts';
import type { Options } from './options.ts';
import type { Screen } from './screen.ts';

/** The result of a command: text for a person, a document for a program. */
export type CommandResult = {
  /** Any JSON value. */
  readonly document: unknown;
  /** Empty if the command has already printed everything. */
  readonly text: (view: View) => string;
  readonly exitCode?: ExitCode | undefined;
  /** Runs after the answer is printed. It may have another answer, which is printed then. */
  readonly afterwards?: (() => Promise<CommandResult | void>) | undefined;
};

/** Everything that a command may use. */
export type CommandContext = {
  readonly args: readonly string[];
  readonly options: Options;
  /** The table of all commands. */
  readonly commands: CommandTable;
  readonly screen: Screen;
  readonly keyboard: Keyboard;
  readonly home: Home;
  /** The working directory; undefined if it no longer exists. */
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
  readonly system: System;
  /** Connects to the running daemon. Rejects with `KA_RPC_NO_DAEMON` if none runs. Closed after the command. */
  readonly daemon: Connections['daemon'];
  /** Connects to the running daemon, or starts a kernel for this command. Closed after the command. */
  readonly kernel: Connections['kernel'];
  /** After this call, Ctrl-C aborts the signal instead of ending the process. */
  readonly interrupted: () => AbortSignal;
};

export type Command = (context: CommandContext) => Promise<CommandResult>;

export type OptionEntry = {
  readonly flags: string;
  readonly about: string;
  readonly parse?: ((text: string) => unknown) | undefined;
  /** The default, as the user would write it. */
  readonly initial?: string | undefined;
};

export type CommandEntry = {
  /** The command's name and arguments. The name has two words if the command belongs to a family. */
  readonly usage: string;
  readonly about: string;
  readonly options?: readonly OptionEntry[];
  /** Text at the end of the command's help. */
  readonly help?: () => string;
  /** Imports the command. The table is read at every start, so it must load no command. */
  readonly load: () => Promise<Command>;
};

/** Commands by the title of their group. */
export type CommandTable = Readonly<Record<string, readonly CommandEntry[]>>;
