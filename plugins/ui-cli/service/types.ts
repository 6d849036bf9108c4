type Env = Readonly<Record<string, string | undefined>>;

/** What the daemon is started with, and for which user. */
export type Facts = {
  readonly platform: NodeJS.Platform;
  readonly env: Env;
  readonly userHome: string;
  readonly uid: number;
  /** Node, the daemon's main module and its arguments, all as absolute paths. */
  readonly command: readonly [node: string, main: string, ...args: string[]];
  readonly stateDir: string;
  /** Distinguishes a user's instances; empty for the default home. */
  readonly suffix: string;
};

export type Step = {
  readonly program: string;
  readonly args: readonly string[];
  /** A failure is ignored: there may be nothing to undo. */
  readonly mayFail?: true;
  /** Repeated for this long until it succeeds: what the step before began may still be under way. */
  readonly patienceMs?: number;
  /** Done once it fails: what it asks for is gone. */
  readonly until?: 'failure';
};

/** How a service manager is set up to start the daemon. */
export type Registration = {
  readonly manager: string;
  /** The name of the service. */
  readonly name: string;
  /** Any change of the text makes every installed service out of date. */
  readonly file: { readonly path: string; readonly text: string; readonly encoding: 'utf8' | 'utf16le' };
  /** The part of the text that says which program is started, with which options. */
  readonly launches: string;
  /** Empty folders below this one are removed with the file. */
  readonly base: string;
  /** Succeeds if the service manager can be reached. */
  readonly probe: Step;
  /** Succeeds if the service is registered. */
  readonly query: Step;
  readonly install: readonly Step[];
  /** Starts the daemon of an installed service that does not run. */
  readonly start: readonly Step[];
  readonly uninstall: readonly Step[];
  /** Run after the file is removed. */
  readonly forget: readonly Step[];
  /** What the user should know before relying on the service. */
  readonly notes: readonly string[];
  /** What to do if the service manager cannot be reached. */
  readonly otherwise: string;
};
