import type { Home } from '../../../sdk/system/home.ts';
import type { Connections, System } from '../processes/connections.ts';
import type { View } from '../render/view.ts';
import type { Keyboard } from './keyboard.ts';
import type { Options } from './options.ts';
import type { Screen } from './screen.ts';

/** A program that this process may become. */
export type Program = {
  /** Its path on POSIX. On Windows the name as given, which the system looks for. */
  readonly file: string;
  /** The command as the user wrote it, and its arguments. */
  readonly argv: readonly [string, ...string[]];
};

/** The result of a command: text for a person, a document for a program. */
export type CommandResult = {
  /** Any JSON value; undefined if the command has already printed all of them. */
  readonly document: unknown;
  /** Empty if the command has already printed everything. */
  readonly text: (view: View) => string;
  /** A file in another format, printed as it is instead of the text. It has no foreign control characters. */
  readonly raw?: string | undefined;
  readonly exitCode?: number | undefined;
  /** What this process becomes once everything is closed. Nothing else is printed. */
  readonly become?: Program | undefined;
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
  /** The environment that this process was started with. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
  readonly system: System;
  /** Connects to the running daemon. Rejects with `KA_RPC_NO_DAEMON` if none runs. Closed after the command. */
  readonly daemon: Connections['daemon'];
  /** Connects to the running daemon, or starts a kernel for this command. Closed after the command. */
  readonly kernel: Connections['kernel'];
  /** Closes the connections now. A kernel for this command ends, and is not needed any more. */
  readonly disconnect: Connections['close'];
  /** Does not wait at the end for a renewal that a kernel for this command is making. */
  readonly letGo: Connections['letGo'];
  /** After this call, Ctrl-C aborts the signal, with its name as the reason, instead of ending the process. */
  readonly interrupted: () => AbortSignal;
};

export type Command = (context: CommandContext) => Promise<CommandResult>;

export type OptionEntry = {
  readonly flags: string;
  readonly about: string;
  /** `previous` is the value so far of an option that may be repeated. */
  readonly parse?: ((text: string, previous?: unknown) => unknown) | undefined;
  /** The default, as the user would write it. */
  readonly initial?: string | undefined;
  /** Values that the completion offers. */
  readonly values?: readonly string[];
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
