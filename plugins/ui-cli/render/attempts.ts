import type { Attempt, AttemptOutcome } from '../../../sdk/contract/session.ts';
import { describeOutcome, OUTCOME_LABELS, REASON_LABELS } from '../../../sdk/wording/attempt.ts';
import { describeElapsed } from '../../../sdk/wording/duration.ts';
import { localTime } from '../../../sdk/wording/time.ts';
import { renderTable, type Column } from './table.ts';
import type { Style, View } from './view.ts';
import { oneLine } from './width.ts';

const APPEARANCES: Readonly<Record<AttemptOutcome, { readonly symbol: string; readonly style: Style }>> = {
  refreshed: { symbol: '✓', style: 'green' },
  fresh: { symbol: '✓', style: 'green' },
  deferred: { symbol: '◌', style: 'cyan' },
  'rate-limited': { symbol: '◌', style: 'yellow' },
  offline: { symbol: '◌', style: 'yellow' },
  failed: { symbol: '▲', style: 'yellow' },
  'login-required': { symbol: '✗', style: 'red' },
  unavailable: { symbol: '✗', style: 'red' },
};

export const outcomeAppearance = (outcome: AttemptOutcome): { readonly symbol: string; readonly style: Style } =>
  APPEARANCES[outcome];

/** Whether the attempt found the session alive, or made it so. Its time is that of the last check. */
export const succeeded = ({ outcome, code }: Attempt): boolean =>
  (outcome === 'fresh' || outcome === 'refreshed') && !code;

/** The outcome of an attempt and the reason for it. */
export function describeAttempt(attempt: Attempt): string {
  const { message, code } = attempt;
  const because = message ? `: ${oneLine(message)}` : '';
  return `${describeOutcome(attempt)}${because}${code ? ` (${code})` : ''}`;
}

const COLUMNS: readonly Column[] = [
  { title: 'WHEN', rank: 0 },
  { title: 'ID', rank: 1, min: 16 },
  { title: 'RESULT', rank: 2 },
  { title: 'REASON', rank: 5 },
  { title: 'METHOD', rank: 6 },
  { title: 'TOOK', rank: 4 },
  { title: 'MESSAGE', rank: 3, min: 16 },
];

/** Attempts in a table, in the order given. */
export function renderHistory(attempts: readonly Attempt[], view: View): string {
  if (!attempts.length) return 'No attempt has been made yet.';
  return renderTable(
    COLUMNS,
    attempts.map(({ id, startedAt, endedAt, outcome, reason, method, message, code }) => {
      const { symbol, style } = APPEARANCES[outcome];
      return [
        { text: localTime(startedAt, view.now) },
        { text: id, style: 'bold' },
        { text: `${symbol} ${OUTCOME_LABELS[outcome]}`, style },
        { text: REASON_LABELS[reason] },
        { text: method },
        { text: describeElapsed(endedAt - startedAt) },
        { text: message ?? code ?? '', style: 'dim' },
      ];
    }),
    view,
  );
}
