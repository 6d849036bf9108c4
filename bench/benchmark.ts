import type { Environment } from './measure/environment.ts';

export type Unit = 'B' | 'KiB' | 'MiB' | 'µs' | 'ms' | 's' | '/s' | '/min' | '%' | '×' | '';

/** A limit for a figure, or for its ratio to the figure of a peer. */
export type Goal = {
  /** A name in the figure's `beside`. Absent: the goal is about the value itself. */
  readonly of?: string;
} & ({ readonly atMost: number } | { readonly atLeast: number });

/** One measured value, beside what it is compared with. */
export type Figure = {
  /** Stable, because results of different runs are compared by it: `alarms/lateness-p99/10000`. */
  readonly id: string;
  /** What was measured, as the title of a row. */
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** The same measure of the peers, in the same run and the same unit. */
  readonly beside?: Readonly<Record<string, number>>;
  readonly goal?: Goal;
  /** What a reader must know to understand the value: a limit that was met, a peer that is not installed. */
  readonly note?: string;
};

export type Axis = { readonly title: string; readonly scale?: 'linear' | 'log' };

/** A plot with one line per name. Points are `[x, y]`. */
export type Plot = {
  /** The name of its file, without `.svg`. */
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>>;
  /** The names of lines that are not measured, such as `n·log n`. They are dashed. */
  readonly references?: readonly string[];
};

export type Findings = { readonly figures: readonly Figure[]; readonly plots?: readonly Plot[] };

/** A benchmark. It runs in its own process, with the garbage collector exposed. */
export type Benchmark = (environment: Environment) => Promise<Findings>;
