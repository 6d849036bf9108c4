import type { PolicyPatch } from '../../sdk/contract/policy.ts';

/** What a click asks for. */
export type Action =
  | { readonly do: 'refresh'; readonly ids: readonly string[] }
  | { readonly do: 'pause' | 'resume'; readonly id: string }
  | { readonly do: 'configure'; readonly id: string; readonly policy: PolicyPatch }
  | { readonly do: 'open-page' }
  | { readonly do: 'quit' };

export type MenuItem =
  | { readonly separator: true }
  | {
      readonly separator?: undefined;
      readonly label: string;
      /** [true where there is something to click or to open] */
      readonly enabled?: boolean | undefined;
      /** Whether it is the one in force, where one of several is; undefined: it is no such choice. */
      readonly checked?: boolean | undefined;
      readonly action?: Action | undefined;
      readonly items?: readonly MenuItem[] | undefined;
    };

/** All is well and nobody need look; something should be known soon; a person is needed now; nobody keeps anything alive. */
export type IconState = 'quiet' | 'soon' | 'needed' | 'away';

/** All that a tray shows. */
export type TrayModel = { readonly title: string; readonly icon: IconState; readonly items: readonly MenuItem[] };
