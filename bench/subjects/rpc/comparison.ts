import type { Figure, Plot } from '../../benchmark.ts';
import { OURS, PEERS } from './servers.ts';

/** Results by the name of the server. */
export type ByServer<T> = ReadonlyMap<string, T>;

/** A figure of ours beside those of the peers. */
export function figureOf<T>(
  row: Omit<Figure, 'value' | 'beside'>,
  results: ByServer<T>,
  valueOf: (result: T) => number,
): Figure {
  const of = (name: string): number => {
    const result = results.get(name);
    return result === undefined ? NaN : valueOf(result);
  };
  return { ...row, value: of(OURS), beside: Object.fromEntries(PEERS.map(name => [name, of(name)])) };
}

/** A line for each server through the results at each `x`. */
export const linesOf = <T>(
  points: readonly (readonly [x: number, results: ByServer<T>])[],
  valueOf: (result: T) => number,
): Plot['lines'] =>
  Object.fromEntries(
    [OURS, ...PEERS].map(name => [
      name,
      points.flatMap(([x, results]) => {
        const result = results.get(name);
        return result === undefined ? [] : [[x, valueOf(result)] as const];
      }),
    ]),
  );
