import type { Figure, Goal, Unit } from '../benchmark.ts';

/** The figure's value, or its ratio to the peer that its goal names. */
export const compared = (figure: Figure): number =>
  figure.goal?.of === undefined ? figure.value : ratioTo(figure, figure.goal.of);

/** NaN if the peer was not measured. */
export const ratioTo = ({ value, beside }: Figure, peer: string): number => value / (beside?.[peer] ?? NaN);

/** Undefined without a goal. A goal beside a peer that was not measured is not reached. */
export function isReached(figure: Figure): boolean | undefined {
  const { goal } = figure;
  if (!goal) return undefined;
  return 'atMost' in goal ? compared(figure) <= goal.atMost : compared(figure) >= goal.atLeast;
}

/** A goal in words: `≤ 1.5 × setTimeout`. */
export function describeGoal(goal: Goal, unit: Unit): string {
  const [sign, limit] = 'atMost' in goal ? ['≤', goal.atMost] : ['≥', goal.atLeast];
  return goal.of === undefined ? `${sign} ${inUnit(limit, unit)}` : `${sign} ${rounded(limit)} × ${goal.of}`;
}

const SIGNIFICANT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** Three significant digits: `12,300`. */
export const rounded = (value: number): string => (Number.isFinite(value) ? SIGNIFICANT.format(value) : 'unknown');

export const inUnit = (value: number, unit: Unit): string => `${rounded(value)} ${unit}`.trimEnd();
