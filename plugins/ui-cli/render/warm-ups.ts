import type { WarmUp, WarmUpCost, WarmUpRun } from '../../../sdk/contract/rpc.ts';
import { counted, sentence } from '../../../sdk/wording/sentence.ts';
import {
  costText,
  nextText,
  reportedText,
  RESULT_TONES,
  runText,
  warmUpLimits,
  warmUpSchedule,
  warmUpStatus,
  windowText,
} from '../../../sdk/wording/warm-up.ts';
import { toneAppearance, type Appearance } from './status.ts';
import type { View } from './view.ts';
import { oneLine, wrap } from './width.ts';

type Shown = {
  readonly warmUps: readonly WarmUp[];
  /** What the warm-up did, newest first, if there is one only. */
  readonly history?: readonly WarmUpRun[] | undefined;
  /** Also what would be run. */
  readonly isDry: boolean;
  /** Whether a daemon runs that makes them. */
  readonly isRunning: boolean;
};

/** The warm-ups, each with its windows, its last run and its next times. */
export function renderWarmUps({ warmUps, history, isDry, isRunning }: Shown, view: View): string {
  if (warmUps.length === 0) return NONE.map(line => wrap(line, view.width)).join('\n');
  const notes = [...(isRunning ? [] : [NOT_RUNNING]), ...(isDry ? [NOTHING_SENT] : [])];
  return [
    ...warmUps.map(warmUp => renderWarmUp(warmUp, { history, isDry }, view)),
    ...notes.map(note => wrap(note, view.width)),
  ].join('\n\n');
}

const NONE: readonly string[] = [
  'There is no warm-up, and none is made unless you ask for it.',
  'To begin the usage window of an account at a chosen time, run ' +
    '`keepalive add warmup --id morning session=claude at=06:00`. It shows the cost and asks first.',
];

const NOT_RUNNING = 'No daemon runs, so nothing is sent. `keepalive start` starts one.';
const NOTHING_SENT = 'This only shows what would be done. Nothing was sent.';

type Parts = Pick<Shown, 'history' | 'isDry'>;

function renderWarmUp(warmUp: WarmUp, parts: Parts, view: View): string {
  const { id, session } = warmUp;
  const { text, tone } = warmUpStatus(warmUp, view.now);
  const { symbol, style } = toneAppearance(tone);
  const status = `${symbol} ${text}`;
  const head = `${view.paint('bold', id)}  ${session}`;
  // The status stays whole on a narrow terminal.
  const gap = id.length + session.length + status.length + 4 > view.width ? '\n' : '  ';
  return [
    `${head}${gap}${style ? view.paint(style, status) : status}`,
    ...factsOf(warmUp, parts, view).flatMap(([label, values]) => renderFact(label, values, view)),
  ].join('\n');
}

/** A text, with a symbol before it if it has one. */
type Line = { readonly text: string; readonly mark?: Appearance };
type Fact = readonly [label: string, lines: readonly Line[]];

const plainly = (...texts: readonly string[]): readonly Line[] => texts.map(text => ({ text }));

function factsOf(warmUp: WarmUp, { history, isDry }: Parts, view: View): readonly Fact[] {
  const { id, paused, windows, windowsAt, last, next, today, cost } = warmUp;
  const { now } = view;
  return [
    [
      'what to do',
      plainly(...(paused ? [`${sentence(paused.why)} To resume it, run \`keepalive warmup ${id} --resume\`.`] : [])),
    ],
    ['schedule', plainly(warmUpSchedule(warmUp, now))],
    ['limits', plainly(`${warmUpLimits(warmUp)}; ${counted(today, 'prompt')} today`)],
    ['windows', plainly(...windowLines(windows, windowsAt, now))],
    ['last run', last && !history ? [markedRun(last, now)] : []],
    paused
      ? ['if resumed', plainly(...next.map(({ at }) => nextText({ at }, now)))]
      : ['next', plainly(...next.map(planned => nextText(planned, now)))],
    ...(history ? [historyFact(history, now)] : []),
    ...(isDry && cost ? costFacts(cost) : []),
  ];
}

function windowLines(windows: WarmUp['windows'], at: number | undefined, now: number): readonly string[] {
  if (at === undefined) return ['not known, because none was reported yet'];
  const reported = reportedText(at, now);
  return windows.length === 0
    ? [`none is running, ${reported}`]
    : [...windows.map(one => windowText(one, now)), reported];
}

const historyFact = (history: readonly WarmUpRun[], now: number): Fact => [
  'history',
  history.length === 0 ? plainly('It has not run yet.') : history.map(run => markedRun(run, now)),
];

const costFacts = (cost: WarmUpCost): readonly Fact[] =>
  costText(cost).map(({ label, text }) => [label.toLowerCase(), plainly(text)]);

/** What a warm-up costs, for the user to read before it is switched on. */
export const renderCost = (cost: WarmUpCost, view: View): string =>
  costFacts(cost)
    .flatMap(([label, values]) => renderFact(label, values, view))
    .join('\n');

/** A run with the symbol of its result. */
const markedRun = (run: WarmUpRun, now: number): Line => ({
  text: runText(run, now),
  mark: toneAppearance(RESULT_TONES[run.result]),
});

const LABEL_WIDTH = 14;
/** On a narrower terminal, a label has its own line. */
const NARROW = 60;

function renderFact(label: string, lines: readonly Line[], view: View): readonly string[] {
  if (lines.length === 0) return [];
  const { width, paint } = view;
  const isNarrow = width < NARROW;
  const indent = ' '.repeat(isNarrow ? 4 : LABEL_WIDTH + 2);
  const name = `  ${label}`;
  const [first = '', ...others] = lines.map(line => renderLine(line, indent, view));
  const head = isNarrow ? `${paint('dim', name)}\n${indent}` : paint('dim', name.padEnd(indent.length));
  return [head + first, ...others.map(text => indent + text)];
}

function renderLine({ text, mark }: Line, indent: string, { width, paint }: View): string {
  const deeper = mark ? `${indent}  ` : indent;
  const wrapped = wrap(oneLine(text), Math.max(20, width), deeper);
  if (!mark) return wrapped;
  const { symbol, style } = mark;
  return `${style ? paint(style, symbol) : symbol} ${wrapped}`;
}
