import type { Axis } from '../benchmark.ts';

/** `10k` and `2M` for large numbers, and plain decimals for small ones. */
const LABEL = "abs(datum.value) >= 1000 ? format(datum.value, '~s') : format(datum.value, '~r')";

/** An axis of a plot for these values, as vega-lite takes it. */
export function axisOf(field: 'x' | 'y', { title, scale: type = 'linear' }: Axis, values: readonly number[]) {
  const axis = { field, title, type: 'quantitative' } as const;
  if (type === 'linear') return { ...axis, scale: { type, nice: true }, axis: { labelExpr: LABEL, tickCount: 8 } };
  const ticks = logTicks(values);
  const domain = [ticks[0], ticks.at(-1)].filter(tick => tick !== undefined);
  return { ...axis, scale: { type, domain }, axis: { labelExpr: LABEL, values: [...ticks] } };
}

/** Powers of ten around the values, and 2 and 5 times each of them if there are few. */
export function logTicks(values: readonly number[]): readonly number[] {
  const exponents = values.map(value => Math.log10(value));
  const from = Math.floor(Math.min(...exponents));
  const to = Math.max(Math.ceil(Math.max(...exponents)), from + 1);
  const powers = Array.from({ length: to - from + 1 }, (_, index) => Number(`1e${from + index}`));
  if (powers.length > 3) return powers;
  return powers.flatMap((power, index) => (index === powers.length - 1 ? [power] : [power, power * 2, power * 5]));
}
