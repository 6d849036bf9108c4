import type { Home } from '../../sdk/system/home.ts';
import type { Connections, Ways } from './connections.ts';
import type { ExitCode } from './exit-code.ts';
import type { Options } from './options.ts';
import type { View } from './render/view.ts';
import type { Screen } from './screen.ts';

/** What a command found: shown as text to a person, as a document to a program. */
export type Answer = {
  /** Any JSON value. */
  readonly document: unknown;
  /** Empty where the command has said everything while it worked. */
  readonly text: (view: View) => string;
  readonly exitCode?: ExitCode | undefined;
  /** What goes on once the answer is shown. */
  readonly afterwards?: (() => Promise<void>) | undefined;
};

/** What a command works with. */
export type CommandContext = {
  readonly args: readonly string[];
  readonly options: Options;
  readonly screen: Screen;
  readonly home: Home;
  /** The working directory; undefined if it is gone. */
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
  readonly ways: Ways;
  /** The running daemon. Rejects with `KA_RPC_NO_DAEMON` where there is none. Closed after the command. */
  readonly daemon: Connections['daemon'];
  /** The running daemon, or a kernel that lives as long as the command. Closed after the command. */
  readonly kernel: Connections['kernel'];
  /** From this call on Ctrl-C does not end the process, but aborts the signal. */
  readonly interrupted: () => AbortSignal;
};

export type Command = (context: CommandContext) => Promise<Answer>;
