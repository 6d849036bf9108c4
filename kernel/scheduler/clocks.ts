import { networkInterfaces } from 'node:os';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Instant } from '../../sdk/contract/session.ts';

/** What the scheduler reads from the machine. Tests replace it. */
export type Clocks = {
  /** The wall clock, in milliseconds since the epoch. */
  readonly now: () => Instant;
  /** A clock that cannot be set, in milliseconds. */
  readonly monotonic: () => number;
  readonly setTimer: (task: () => void, ms: number) => Cleanup;
  /** The machine's network addresses, as one text. */
  readonly addresses: () => string;
};

export const SYSTEM_CLOCKS: Clocks = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (task, ms) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  addresses: ownAddresses,
};

/** Empty if the system does not list its interfaces. */
export function ownAddresses(): string {
  try {
    return addressesOf(networkInterfaces());
  } catch {
    return '';
  }
}

/** A different text means a different network. Loopback and link-local addresses do not count. */
export const addressesOf = (interfaces: ReturnType<typeof networkInterfaces>): string =>
  Object.values(interfaces)
    .flatMap(found => found ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80|169\.254)/i.test(address))
    .map(({ address }) => address)
    .toSorted()
    .join();
