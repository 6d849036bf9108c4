import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Critical } from '../files/critical.ts';
import type { KernelSide, Peer } from './protocol.ts';

/** Enters a critical section and resolves with what leaves it. Throws if this process is about to be ended. */
export type Enter = () => Promise<() => void>;

/** Critical sections in progress: the process must not be killed while there is any. */
export class CriticalSections {
  /** How many there are, for the thread of the watchdog. */
  readonly shared = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  constructor(
    private readonly kernel: Peer<KernelSide>,
    private readonly onNone: () => void,
  ) {}

  get count(): number {
    return Atomics.load(this.shared, 0);
  }

  /** Inside another section it needs no permission: the kernel may have given up on the call, or be gone. */
  readonly enter: Enter = async () => {
    if (this.count === 0 && (await this.kernel.request('enterCritical', {})) !== true)
      throw new KeepaliveError('KA_PLUGIN_TIMEOUT', { reason: 'the time limit passed before it began' });
    Atomics.add(this.shared, 0, 1);
    let isInside = true;
    return () => {
      if (isInside) this.#leave();
      isInside = false;
    };
  };

  #leave(): void {
    Atomics.sub(this.shared, 0, 1);
    Atomics.notify(this.shared, 0);
    if (this.count > 0) return;
    this.kernel.notify('leaveCritical', {});
    this.onNone();
  }
}

/** The critical sections of one attempt. */
export type AttemptSections = {
  readonly enter: Enter;
  /** Calls `leave` when the attempt is over. */
  readonly atEnd: (leave: () => void) => void;
};

type Declared = Critical | ((...given: never[]) => Critical);
/** A `CriticalTable` of any type. */
type Table = { readonly [name: string]: Declared | Table };

/**
 * The context with its critical functions guarded: each enters a critical section before it begins and stays in it for
 * as long as the table says. A function that the table lacks is guarded until the attempt is over.
 */
export function guard<C extends object>(context: C, table: Table, sections: AttemptSections): C {
  const members = Object.entries(context).map(([name, member]: [string, unknown]): [string, unknown] => {
    const declared = Object.hasOwn(table, name) ? table[name] : undefined;
    if (typeof member === 'function')
      return [name, declared === 'never' ? member : guardFunction(member, declared, sections)];
    return [name, isObject(member) && isTable(declared) ? guard(member, declared, sections) : member];
  });
  return { ...context, ...Object.fromEntries(members) };
}

function guardFunction(call: Function, declared: Declared | Table | undefined, { enter, atEnd }: AttemptSections) {
  return async (...given: unknown[]): Promise<unknown> => {
    const critical = criticalOf(declared, given);
    if (critical === 'never') return Reflect.apply(call, undefined, given);
    const leave = await enter();
    if (critical === 'until-attempt-ends') {
      atEnd(leave);
      return Reflect.apply(call, undefined, given);
    }
    try {
      return leaveWith(await Reflect.apply(call, undefined, given), critical, leave);
    } catch (error) {
      leave();
      throw error;
    }
  };
}

function criticalOf(declared: Declared | Table | undefined, given: readonly unknown[]): Critical {
  if (declared === undefined || isTable(declared)) return 'until-attempt-ends';
  return typeof declared === 'function' ? Reflect.apply(declared, undefined, given) : declared;
}

/** The result of a call, leaving the section now or when the result is released. */
function leaveWith(result: unknown, critical: Critical, leave: () => void): unknown {
  if (critical === 'until-released' && typeof result === 'function') return thenLeave(result, leave);
  if (typeof critical === 'object' && isObject(result)) {
    const releasing = critical.until.map(name => [name, thenLeave(Reflect.get(result, name), leave)] as const);
    return { ...result, ...Object.fromEntries(releasing) };
  }
  leave();
  return result;
}

const thenLeave =
  (release: Function, leave: () => void) =>
  async (...given: unknown[]): Promise<unknown> => {
    try {
      return await Reflect.apply(release, undefined, given);
    } finally {
      leave();
    }
  };

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isTable = (declared: Declared | Table | undefined): declared is Table =>
  isObject(declared) && !('until' in declared);
