import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a benchmark can use of this machine. */
export type Environment = {
  /** The compiled program: `dist/`. */
  readonly dist: string;
  /** The path of an optional program, such as `redis-server`; undefined if it is not installed. */
  readonly find: (program: string) => string | undefined;
  /** Prints progress. The result goes into the figures. */
  readonly progress: (text: string) => void;
  /** True for a short run that only shows that the benchmark works. */
  readonly isQuick: boolean;
};

export const findProgram = (program: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, program))
    .find(path => existsSync(path));
