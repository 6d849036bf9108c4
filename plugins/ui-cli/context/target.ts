/** A session that the user names: one of this machine by its id, or one of another machine as `MACHINE/ID`. */
export type Target = { readonly id: string; readonly machine?: string | undefined };

/** No id has a slash. */
export function targetOf(name: string): Target {
  const [, machine, id] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  return id === undefined ? { id: name } : { machine, id };
}
