import type { Directory, FleetConnection, Holding, Lease, Share } from '../../../sdk/plugin/fleet.ts';

/** A machine of a fleet under test. */
export type Machine = Pick<FleetConnection, 'lease' | 'directory' | 'close'>;

/** A fleet that a test opens machines of. */
export type TestFleet = {
  /** Resolves when the machine is alive in the fleet. */
  readonly open: (machine: string) => Promise<Machine>;
  /** Ends a machine without a word, and waits until its leases have ended. */
  readonly lose: (machine: string) => Promise<void>;
};

/** A login as a session of a machine holds it, in a store of that machine. */
export const holding = (machine: string, login: string, more: Partial<Holding> = {}): Holding => ({
  session: 'own',
  login,
  store: `${machine}:/login.json`,
  isKept: true,
  spent: [],
  ...more,
});

/** The last that a lease has said of its shares; undefined before it is known. */
export function sharesOf(lease: Lease): { readonly now: () => readonly Share[] | undefined } {
  let last: readonly Share[] | undefined;
  lease.onShares(shares => {
    last = shares;
  });
  return { now: () => last };
}

/** The machines of a fleet with what they show. */
export const shownBy = async (directory: Directory): Promise<readonly string[]> =>
  (await directory.list()).flatMap(({ machine, sessions, notices }) => [
    machine,
    ...sessions.map(({ id }) => `${machine}/${id}`),
    ...notices.map(({ id }) => `${machine}!${id}`),
  ]);
