import type { Figure } from '../benchmark.ts';
import { compared, describeGoal, inUnit, isReached, rounded } from './ratio.ts';

/** One line per figure: value, peers, goal, and the change since the former results. */
export const describeFigures = (figures: readonly Figure[], former: readonly Figure[] = []): string =>
  figures.map(figure => `  ${describeFigure(figure, former)}`).join('\n');

function describeFigure(figure: Figure, former: readonly Figure[]): string {
  const { id, what, value, unit, beside = {}, goal, note } = figure;
  const peers = Object.entries(beside).map(([name, peer]) => `${name} ${rounded(peer)}`);
  const before = former.find(other => other.id === id);
  const remarks = [
    ...(goal ? [`goal ${describeGoal(goal, unit)}`] : []),
    ...(before ? [describeChange(compared(before), compared(figure))] : []),
    ...(note === undefined ? [] : [note]),
  ];
  return [
    `${markOf(figure)} ${what}: ${inUnit(value, unit)}`,
    ...(peers.length > 0 ? [`beside ${peers.join(', ')}`] : []),
    ...(goal?.of === undefined ? [] : [`= ${rounded(compared(figure))} × ${goal.of}`]),
    ...(remarks.length > 0 ? [`(${remarks.join('; ')})`] : []),
  ].join(' ');
}

function markOf(figure: Figure): string {
  const reached = isReached(figure);
  return reached === undefined ? '·' : reached ? '✓' : '✗';
}

/** In per cent, or only the former value if there is no ratio. */
export function describeChange(before: number, now: number): string {
  const change = Math.round((now / before - 1) * 100);
  if (!Number.isFinite(change)) return `before ${rounded(before)}`;
  return change === 0 ? 'as before' : `${change > 0 ? '+' : ''}${change} % since ${rounded(before)}`;
}
