import type { Elsewhere } from '../../sdk/client/follow-fleet.ts';
import type { Control } from '../../sdk/wording/controls.ts';
import type { Overview } from '../../sdk/wording/attention.ts';

/** What the editor knows of the kernel. */
export type Kernel =
  | {
      readonly is: 'there';
      readonly overview: Overview;
      /** Undefined if no other machine of the fleet needs the user. */
      readonly elsewhere?: Elsewhere | undefined;
    }
  | {
      readonly is: 'absent';
      /** Why, as a sentence; undefined if simply none runs. */
      readonly reason?: string | undefined;
    };

/** What the daemon does, or knows how to do. */
export type DaemonAction =
  | { readonly do: 'refresh'; readonly ids: readonly string[] }
  | { readonly do: Control | 'explain' | 'sign-in'; readonly id: string }
  /** Asks what to do with one session. */
  | { readonly do: 'choose'; readonly id: string }
  | { readonly do: 'open-settings' };

/** A command of ours in a terminal. It needs no daemon. */
export type TerminalAction = { readonly do: 'start' | 'show-log' | 'show-status' };

/** What a click or a command requests. */
export type Action = DaemonAction | TerminalAction;

/** A line of a list to choose from. */
export type Choice<A extends Action = Action> = {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly action: A;
};

/** What the status bar shows. */
export type StatusItem = {
  /** With the names of icons: `$(pass) 3 alive`. */
  readonly text: string;
  /** The same for a screen reader. */
  readonly label: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly urgency?: 'error' | 'warning' | undefined;
};
