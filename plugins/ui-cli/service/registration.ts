import { launchdAgent } from './launchd.ts';
import { systemdUnit } from './systemd.ts';
import { scheduledTask } from './task-scheduler.ts';

/** What the daemon is started with, and for whom. */
export type Facts = {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userHome: string;
  readonly uid: number;
  /** The program Node, the daemon's main module and its arguments, all as absolute paths. */
  readonly command: readonly [node: string, main: string, ...args: string[]];
  readonly stateDir: string;
  /** Tells the instances of one user apart; empty for the one without a home of its own. */
  readonly suffix: string;
};

export type Step = {
  readonly program: string;
  readonly args: readonly string[];
  /** It is in order if this one fails: there may be nothing to undo. */
  readonly mayFail?: true;
};

/** How the daemon is handed to what starts programs on this system. */
export type Registration = {
  readonly manager: string;
  /** What it is called there. */
  readonly name: string;
  readonly file: { readonly path: string; readonly text: string; readonly encoding: 'utf8' | 'utf16le' };
  /** Below this folder nothing empty is left behind. */
  readonly base: string;
  /** Succeeds where the manager can be asked. */
  readonly probe: Step;
  /** Succeeds where it knows the daemon. */
  readonly query: Step;
  readonly install: readonly Step[];
  readonly uninstall: readonly Step[];
  /** What follows once the file is gone. */
  readonly forget: readonly Step[];
  /** What a person should know before relying on it. */
  readonly notes: readonly string[];
  /** What to do where the manager cannot be asked. */
  readonly otherwise: string;
};

/** Undefined where this system has nothing that we know of. */
export function registrationOf(facts: Facts): Registration | undefined {
  switch (facts.platform) {
    case 'linux':
      return systemdUnit(facts);
    case 'darwin':
      return launchdAgent(facts);
    case 'win32':
      return scheduledTask(facts);
    default:
      return undefined;
  }
}
