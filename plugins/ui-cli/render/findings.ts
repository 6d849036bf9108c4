import type { Finding } from '../../../sdk/contract/rpc.ts';
import { clause, counted, sentence } from '../../../sdk/wording/sentence.ts';
import { relative } from '../../../sdk/wording/time.ts';
import type { Style, View } from './view.ts';
import { displayWidth, oneLine, padEnd, truncate, wrap } from './width.ts';

type Level = Finding['level'];

const LEVELS: Readonly<Record<Level, { readonly symbol: string; readonly style: Style }>> = {
  error: { symbol: '✗', style: 'red' },
  warning: { symbol: '▲', style: 'yellow' },
  info: { symbol: '·', style: 'dim' },
  ok: { symbol: '✓', style: 'green' },
};
const ORDER: readonly Level[] = ['error', 'warning', 'info', 'ok'];
const WIDEST_SUBJECT = 20;

/** The findings of doctor, the worst first, each with what to do about it beneath. */
export function renderFindings(findings: readonly Finding[], view: View, userHome?: string): string {
  const widest = Math.min(WIDEST_SUBJECT, Math.max(0, ...findings.map(({ subject }) => displayWidth(subject))));
  const shorten = (text: string) => withTimes(withTilde(text, userHome), view.now);
  const lines = folded(findings).map(({ message, action, ...finding }) =>
    renderFinding({ ...finding, message: shorten(message), action: action && shorten(action) }, widest, view),
  );
  return lines.join('\n');
}

/** By level, then in the order given. What is well with one subject is one line, and so is one action twice. */
function folded(findings: readonly Finding[]): readonly Finding[] {
  const seen: Finding[] = [];
  for (const level of ORDER) {
    for (const finding of findings.filter(one => one.level === level)) {
      const at = seen.findIndex(one => one.level === level && one.subject === finding.subject && fits(one, finding));
      const one = seen[at];
      if (!one) seen.push(finding);
      else if (!one.message.includes(clause(finding.message)))
        seen[at] = { ...one, ...finding, message: `${clause(one.message)}; ${finding.message}` };
    }
  }
  return seen;
}

/** Two findings fit on one line if at most one has an action, or both have the same. */
const fits = (one: Finding, other: Finding): boolean =>
  one.action === other.action || (other.level === 'ok' && (one.action === undefined || other.action === undefined));

function renderFinding({ level, subject, message, action }: Finding, widest: number, { width, paint }: View): string {
  const { symbol, style } = LEVELS[level];
  const margin = ' '.repeat(widest + 4);
  const beside = (text: string, indent = '') =>
    wrap(oneLine(text), Math.max(20, width - margin.length - indent.length)).replaceAll('\n', `\n${margin}${indent}`);
  const name = padEnd(truncate(subject, Math.max(widest, 1)), widest);
  return [
    `${paint(style, symbol)} ${paint('bold', name)}  ${beside(sentence(message))}`,
    ...(action
      ? [`${margin}${paint('cyan', '→')} ${beside(isSentence(action) ? sentence(action) : action, '  ')}`]
      : []),
  ].join('\n');
}

/** Anything else is, or ends in, a command to copy. */
const isSentence = (action: string): boolean => /^[A-Z]/.test(action) && !action.includes(': ');

/** A path below the user's home, as a shell shows it. */
const withTilde = (text: string, userHome: string | undefined): string =>
  userHome === undefined || userHome.length < 2 ? text : text.replaceAll(`${userHome}/`, '~/');

/** A time in UTC, as seen from now. */
const withTimes = (text: string, now: number): string =>
  text.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\b/g, time => relative(Date.parse(time), now));

type Counts = {
  readonly sessions: number;
  /** How many things the headline says need the user. */
  readonly needed: number;
};

/** How many of them need the user, as a sentence. */
export function summaryOf(findings: readonly Finding[], { sessions, needed }: Counts): string {
  const countOf = (level: Level) => folded(findings).filter(finding => finding.level === level).length;
  const [errors, warnings] = [countOf('error'), countOf('warning')];
  const problems = errors > 0 ? `${counted(errors, 'problem')} to fix` : '';
  const remarks = warnings > 0 ? counted(warnings, 'warning') : '';
  const none =
    needed > 0
      ? 'No other problems'
      : sessions > 0
        ? 'Everything is well'
        : 'No problems, but no session is kept alive yet';
  return sentence([problems, remarks].filter(Boolean).join(' and ') || none);
}
