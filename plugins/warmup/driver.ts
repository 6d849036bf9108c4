import type { Instant } from '../../sdk/contract/session.ts';
import type { InspectContext } from '../../sdk/plugin/context.ts';
import type { Exec, RunningProcess } from '../../sdk/plugin/process.ts';

/** A usage window of an account. */
export type UsageWindow = {
  /** `short`: of some hours, which a warm-up begins. `week`: of a week, which it uses up. */
  readonly kind: 'short' | 'week';
  /** From 0 to 100, if the vendor says it. */
  readonly usedPercent?: number | undefined;
  /** When it begins, if that is known. */
  readonly startsAt?: Instant | undefined;
  readonly resetsAt: Instant;
};

/** What a driver may use. */
export type DriverContext = Pick<InspectContext, 'signal' | 'log' | 'now' | 'env'> & {
  readonly exec: Exec;
  readonly processes: () => Promise<readonly RunningProcess[]>;
  /** The vendor's program: a name on the PATH, or a path. */
  readonly program: string;
  /** Variables that make it use the login of the session and no other. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The model that the user chose. [the vendor's smallest] */
  readonly model: string | undefined;
};

/** What a prompt did, as the vendor's program said. */
export type Sent =
  /** It was answered. The windows are those that the program reported: none, if it reported none that make sense. */
  | { readonly result: 'answered'; readonly windows: readonly UsageWindow[] }
  /** The vendor refused it, so that it cost nothing. */
  | { readonly result: 'refused'; readonly reason: string; readonly windows: readonly UsageWindow[] }
  /** The program failed. It is not known whether the vendor got the prompt. */
  | { readonly result: 'failed'; readonly reason: string };

/** What a warm-up costs, for the user to read before it is switched on. */
export type Cost = {
  /** What is run, with its arguments. */
  readonly command: readonly string[];
  /** About how many tokens a prompt uses, with the instructions that the program adds. */
  readonly tokens: string;
  /** What the vendor's terms say as we read them. */
  readonly terms: string;
};

/** How the program of one vendor begins a usage window. */
export type Driver = {
  readonly costOf: (model: string | undefined) => Cost;
  /** Reads the windows, which costs nothing. Undefined if it cannot be known. Absent if the vendor offers no way. */
  readonly look?: (context: DriverContext) => Promise<readonly UsageWindow[] | undefined>;
  /** Sends one prompt, once. Throws `KA_PROGRAM_NOT_FOUND`. */
  readonly send: (context: DriverContext) => Promise<Sent>;
};
