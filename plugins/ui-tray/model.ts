import type { PolicyPatch } from '../../sdk/contract/policy.ts';
import type { Addition, NotifierInfo, Tool } from '../../sdk/contract/rpc.ts';
import type { Elsewhere } from '../../sdk/client/follow-fleet.ts';
import type { Overview } from '../../sdk/wording/attention.ts';

/** The kernel at one moment. */
export type Snapshot = Overview & {
  readonly tools: readonly Tool[];
  readonly notifiers: readonly NotifierInfo[];
  /** Whether there is a settings page to open. */
  readonly hasPage: boolean;
  /** Undefined if no other machine of the fleet needs the user. */
  readonly elsewhere?: Elsewhere | undefined;
};

/** What a click requests. */
export type Action =
  | { readonly do: 'refresh'; readonly ids: readonly string[] }
  | { readonly do: 'pause' | 'resume'; readonly ids: readonly string[] }
  | { readonly do: 'configure'; readonly id: string; readonly policy: PolicyPatch }
  | ({ readonly do: 'add' } & Addition)
  /** Sends a test notice. */
  | { readonly do: 'test' }
  /** Starts the daemon. */
  | { readonly do: 'start' }
  | { readonly do: 'open-page' }
  /** Opens the page at the sign-in of a session. */
  | { readonly do: 'sign-in'; readonly id: string }
  | { readonly do: 'quit' };

export type MenuItem =
  | { readonly separator: true }
  | {
      readonly separator?: undefined;
      readonly label: string;
      /** [true if the item has an action or a submenu] */
      readonly enabled?: boolean | undefined;
      /** Whether this choice is in force. Undefined if the item is not one of several choices. */
      readonly checked?: boolean | undefined;
      readonly action?: Action | undefined;
      readonly items?: readonly MenuItem[] | undefined;
    };

export const SEPARATOR: MenuItem = { separator: true };

/** A line without an action. */
export const text = (label: string): MenuItem => ({ label, enabled: false });

const LINE = 64;

/** A text as short lines of a menu, three at most. */
export function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, LINE));
  }
  return lines.length > 3 ? [...lines.slice(0, 2), `${lines[2]} …`] : lines;
}

/** All is well; a warning; the user is needed; no daemon answers. */
export type IconState = 'quiet' | 'soon' | 'needed' | 'away';

/** All that a tray shows. */
export type TrayModel = { readonly title: string; readonly icon: IconState; readonly items: readonly MenuItem[] };
