import { printableLine } from '../../sdk/base/printable.ts';
import type { UsageWindow, WarmUpCost } from '../../sdk/contract/rpc.ts';
import type { InspectContext } from '../../sdk/plugin/context.ts';
import type { Exec, RunningProcess } from '../../sdk/plugin/process.ts';

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

/** How the program of one vendor begins a usage window. */
export type Driver = {
  /** What a prompt costs. The warning for several prompts a day is not part of it. */
  readonly costOf: (model: string | undefined) => WarmUpCost;
  /** Reads the windows, which costs nothing. Undefined if it cannot be known. Absent if the vendor offers no way. */
  readonly look?: (context: DriverContext) => Promise<readonly UsageWindow[] | undefined>;
  /** Sends one prompt, once. Throws `KA_PROGRAM_NOT_FOUND`. */
  readonly send: (context: DriverContext) => Promise<Sent>;
};

const LONGEST = 200;

/** Foreign text for the history, without addresses, accounts, and what is long enough to be a secret. */
export const quote = (text: string): string =>
  printableLine(text)
    .replaceAll(/https?:\/\/\S+|\S+@\S+|\S{32,}/g, '…')
    .slice(0, LONGEST);
