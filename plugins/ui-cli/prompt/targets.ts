import type { PromptClass } from './items.ts';
import { menuOf, type OwnCommand } from './menu.ts';
import { summaryOf, type Survey } from './summary.ts';

type Colour = 'green' | 'yellow' | 'red';

/** What a target prints. */
type Line = { readonly text: string; readonly survey: Survey; readonly paint: Paint; readonly command: OwnCommand };
type Paint = (text: string, colour: Colour | undefined) => string;

/** A program that shows the line. */
type Target = {
  readonly about: string;
  /** Gives a text a colour. */
  readonly paint?: (text: string, colour: Colour) => string;
  /** What is printed. [the text in its colour] */
  readonly print?: (line: Line) => string;
};

const CODES: Readonly<Record<Colour, number>> = { green: 32, yellow: 33, red: 31 };
const HEX: Readonly<Record<Colour, string>> = { green: '#3fb950', yellow: '#d29922', red: '#f85149' };

/** The style around it is kept as the default, and comes back after it. */
const TMUX_STYLES = { yellow: '#[push-default,fg=black,bg=yellow]', red: '#[push-default,fg=white,bg=red]' } as const;

/** What a format may be made for. Help, completion and documentation are made from, or checked against, it. */
export const TARGETS = {
  text: { about: 'no colours' },
  ansi: {
    about: 'colours for a terminal, starship, fish, zellij and Raycast',
    paint: (text, colour) => `\x1b[${CODES[colour]}m${text}\x1b[39m`,
  },
  bash: {
    about: 'colours for `PS1`, marked as without width',
    paint: (text, colour) => `\x01\x1b[${CODES[colour]}m\x02${text}\x01\x1b[39m\x02`,
  },
  zsh: { about: 'colours for `PROMPT`', paint: (text, colour) => `%F{${colour}}${text}%f` },
  tmux: {
    about: 'colours for its status line, which is green by default: only what is not well has one',
    paint: (text, colour) => (colour === 'green' ? text : `${TMUX_STYLES[colour]}${text}#[default,pop-default]`),
  },
  polybar: { about: 'colours as its tags', paint: (text, colour) => `%{F${HEX[colour]}}${text}%{F-}` },
  waybar: {
    about: 'JSON with `text`, `tooltip`, `class` and `alt`',
    print: ({ text, survey }) => {
      const { tooltip, class: name, alt } = summaryOf(survey);
      return JSON.stringify({ text, tooltip: markup(tooltip), class: name, alt });
    },
  },
  'i3status-rust': {
    about: 'JSON with `text`, `short_text` and `state`',
    print: ({ text, survey }) =>
      JSON.stringify({ text, short_text: survey.values.symbol, state: I3_STATES[survey.class] }),
  },
  xbar: {
    about: 'a menu for xbar and SwiftBar',
    // The menu bar has its own colour, which fits the background.
    paint: (text, colour) => (colour === 'green' ? text : `${text} | color=${HEX[colour]}`),
    print: ({ text, survey, paint, command }) =>
      `${paint(text || 'keepalive', COLOURS[survey.class])}\n${menuOf(survey, command, line => paint(line, 'red'))}`,
  },
} as const satisfies Readonly<Record<string, Target>>;

export type TargetName = keyof typeof TARGETS;

export const isTarget = (name: string): name is TargetName => Object.hasOwn(TARGETS, name);

const COLOURS: Readonly<Record<PromptClass, Colour | undefined>> = {
  none: undefined,
  ok: 'green',
  paused: undefined,
  waiting: 'yellow',
  warning: 'yellow',
  failing: 'red',
  login: 'red',
  stale: 'yellow',
  unknown: 'yellow',
};

const I3_STATES: Readonly<Record<PromptClass, 'Idle' | 'Good' | 'Info' | 'Warning' | 'Critical'>> = {
  none: 'Idle',
  ok: 'Good',
  paused: 'Idle',
  waiting: 'Info',
  warning: 'Warning',
  failing: 'Critical',
  login: 'Critical',
  stale: 'Warning',
  unknown: 'Warning',
};

/** Text that is literal in the markup of a bar. */
const markup = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What is printed for a target. */
export function printFor(
  name: TargetName,
  { text, survey, command, colour }: Pick<Line, 'text' | 'survey' | 'command'> & { readonly colour: boolean },
): string {
  const target: Target = TARGETS[name];
  const paint: Paint = (line, wanted) =>
    colour && wanted && line !== '' && target.paint ? target.paint(line, wanted) : line;
  return target.print?.({ text, survey, paint, command }) ?? paint(text, COLOURS[survey.class]);
}
