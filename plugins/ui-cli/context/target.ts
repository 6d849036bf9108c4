/** A session that the user names: one of this machine by its id, or one of another machine as `MACHINE/ID`. */
export type Target = {
  readonly id: string;
  /** Absent for a session of this machine. */
  readonly machine?: string | undefined;
};

/** No id, and no name of a machine, has a slash. */
const OF_MACHINE = /^([^/]+)\/(.+)$/;

/** What the user has named. `box/codex` is the session `codex` of the machine `box`. */
export function targetOf(name: string): Target {
  const [, machine, id] = OF_MACHINE.exec(name) ?? [];
  return id === undefined ? { id: name } : { machine, id };
}
