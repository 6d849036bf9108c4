import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { Tool } from '../../sdk/contract/rpc.ts';
import { clause } from '../../sdk/wording/sentence.ts';
import type { Unreadable } from '../../lifecycle/event.ts';

/** What an inspection found; undefined if the provider cannot inspect. */
export type Seen = Inspection | Unreadable | undefined;

/** What was seen of a tool. */
export type Sight = {
  readonly displayName: string;
  /** What the provider finds with its default options. */
  readonly seen: Seen;
  /** The sessions that its provider keeps, with what each finds. */
  readonly kept: readonly { readonly id: string; readonly seen: Seen }[];
  /** Whether a plugin has the id that a new session would get. */
  readonly isTaken: boolean;
};

export function toolOf(plugin: string, { displayName, seen, kept, isTaken }: Sight): Tool {
  const about = { plugin, displayName, sessions: kept.map(({ id }) => id) };
  if (seen && 'unreadable' in seen) {
    const action = `Its login cannot be read (${clause(seen.unreadable)}). Sign in again, or restore the file.`;
    return { ...about, status: 'unreadable', places: [], action };
  }
  const logins = kept.flatMap(({ seen: one }) => (one && 'present' in one && one.present ? [one] : []));
  const isKept = seen?.present ? logins.some(({ store }) => store === seen.store) : logins.length > 0;
  const [login] = seen?.present ? [seen] : logins;
  const found = { ...about, program: seen?.program, ...timesIn(login), places: placesIn(login ?? seen) };
  if (isKept) return { ...found, status: 'kept' };
  if (login) return { ...found, status: 'not-kept', ...offerOf(plugin, isTaken) };
  if (seen?.unusable) return { ...found, status: 'unreadable', action: seen.hint };
  if (seen?.program !== undefined) return { ...found, status: 'signed-out', action: seen.hint };
  const install = `Install ${displayName}.`;
  return { ...found, status: 'missing', action: seen?.hint ? `${install} ${seen.hint}` : install };
}

const placesIn = (seen: Inspection | undefined): readonly string[] => {
  const { present = false, store, places } = seen ?? {};
  const stores = store === undefined ? [] : [store];
  return present ? stores : (places ?? stores);
};

const timesIn = (login: Inspection | undefined): Pick<Tool, 'expiresAt' | 'loginExpiresAt'> => ({
  expiresAt: login?.expiresAt?.getTime(),
  loginExpiresAt: login?.loginExpiresAt?.getTime(),
});

function offerOf(plugin: string, isTaken: boolean): Pick<Tool, 'action' | 'offer'> {
  const id = isTaken ? `${plugin}-default` : undefined;
  const command = `keepalive add ${plugin}${id === undefined ? '' : ` --id ${id}`}`;
  return {
    action: `To keep it alive, run \`${command}\`.`,
    offer: { plugin, options: id === undefined ? {} : { id } },
  };
}
