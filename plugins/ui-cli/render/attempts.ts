import type { Attempt, AttemptOutcome } from '../../../sdk/contract/session.ts';
import { renderTable, type Column } from './table.ts';
import { approximate, localTime } from './time.ts';
import type { Style, View } from './view.ts';
import { oneLine } from './width.ts';

const OUTCOMES: Readonly<
  Record<AttemptOutcome, { readonly symbol: string; readonly words: string; readonly style: Style }>
> = {
  refreshed: { symbol: '✓', words: 'refreshed', style: 'green' },
  fresh: { symbol: '✓', words: 'still fresh, nothing was due', style: 'green' },
  deferred: { symbol: '◌', words: 'deferred', style: 'cyan' },
  'rate-limited': { symbol: '◌', words: 'told to wait by the vendor', style: 'yellow' },
  offline: { symbol: '◌', words: 'not reached', style: 'yellow' },
  failed: { symbol: '▲', words: 'failed', style: 'yellow' },
  'login-required': { symbol: '✗', words: 'login required', style: 'red' },
  unavailable: { symbol: '✗', words: 'unavailable', style: 'red' },
};

export const outcomeSymbol = (outcome: AttemptOutcome): { readonly symbol: string; readonly style: Style } =>
  OUTCOMES[outcome];

/** What an attempt established, in a few words. */
export const describeOutcome = ({ outcome, method }: Attempt): string =>
  outcome === 'refreshed' && method ? `${OUTCOMES[outcome].words} (${method})` : OUTCOMES[outcome].words;

/** What an attempt established and why, as half a sentence. */
export function describeAttempt(attempt: Attempt): string {
  const { message, code } = attempt;
  const because = message ? `: ${oneLine(message)}` : '';
  return `${describeOutcome(attempt)}${because}${code ? ` (${code})` : ''}`;
}

const COLUMNS: readonly Column[] = [
  { title: 'WHEN', rank: 0 },
  { title: 'ID', rank: 1, min: 16 },
  { title: 'OUTCOME', rank: 2 },
  { title: 'WHY', rank: 5 },
  { title: 'METHOD', rank: 6 },
  { title: 'TOOK', rank: 4 },
  { title: 'MESSAGE', rank: 3, min: 16 },
];

/** Attempts in a table, in the order given. */
export function renderHistory(attempts: readonly Attempt[], view: View): string {
  if (!attempts.length) return 'Nothing has been attempted yet.';
  return renderTable(
    COLUMNS,
    attempts.map(({ id, startedAt, endedAt, outcome, reason, method, message, code }) => {
      const { symbol, style } = OUTCOMES[outcome];
      return [
        { text: localTime(startedAt, view.now) },
        { text: id, style: 'bold' },
        { text: `${symbol} ${outcome}`, style },
        { text: reason },
        { text: method },
        { text: approximate(endedAt - startedAt) },
        { text: message ?? code ?? '', style: 'dim' },
      ];
    }),
    view,
  );
}
