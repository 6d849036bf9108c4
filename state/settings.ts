import type { InjectionToken } from 'tsyringe';
import { errnoOf } from '../sdk/base/errno.ts';
import { KeepaliveError } from '../sdk/contract/errors.ts';
import type { PartialPolicy, PolicyPatch } from '../sdk/contract/policy.ts';
import { isRecord } from '../sdk/base/json.ts';
import type { Addition } from '../sdk/contract/rpc.ts';
import { additionSchema } from '../sdk/contract/rpc-tool-schema.ts';
import { inTurn } from '../sdk/base/in-turn.ts';
import { writeDurably } from '../runtime/files/durable.ts';
import { recall } from '../runtime/files/own-file.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { partialPolicySchema } from '../sdk/contract/policy-schema.ts';
import { MIGRATIONS } from './migrations.ts';

/** What the user changed in a frontend. It overrides the configuration, which no program rewrites. */
export interface Settings {
  of(id: string): PartialPolicy;
  /** Changes some members; null resets one to the configuration's value. Resolves when it is on disk. */
  change(id: string, patch: PolicyPatch): Promise<void>;
  isNotifierOn(id: string): boolean;
  /** Switches a notifier on or off. Resolves when it is on disk. */
  switchNotifier(id: string, on: boolean): Promise<void>;
  /** The sessions that the user added, in the order in which they were added. */
  readonly added: readonly Addition[];
  /** Adds a session. Resolves when it is on disk. */
  add(addition: Addition): Promise<void>;
  /** Removes an added session and, unless `keepPolicy`, what the user changed of its policy. */
  remove(id: string, options?: { readonly keepPolicy?: boolean }): Promise<void>;
}
export const Settings = Symbol('Settings') as InjectionToken<Settings>;

/** The id of an added session. Each built-in provider has its own name as the default. */
export const idOf = ({ plugin, options: { id } }: Addition): string => (typeof id === 'string' ? id : plugin);

const versions = MIGRATIONS.settings;

/** The members of the file that can change. */
type Content = Pick<SettingsFile, 'sessions'> & Required<Pick<SettingsFile, 'added' | 'notifiersOff'>>;

export async function openSettings(file: string, log: KernelLog): Promise<Settings> {
  const read = await recall(file, log, { versions, understand });
  const { sessions: _sessions, added: _added, notifiersOff: _off, ...others } = read;
  let content: Content = { sessions: read.sessions, added: read.added ?? [], notifiersOff: read.notifiersOff ?? [] };
  const inOrder = inTurn();
  // The content is that of the time of writing, so a write never undoes a later change.
  const save = () => inOrder(() => writeDurably(file, JSON.stringify({ ...others, ...filled(content) }, null, 2)));
  /** What cannot be written does not count, unless a later change was made on top of it. */
  const put = async (change: Partial<Content>): Promise<void> => {
    const before = content;
    const next = { ...content, ...change };
    content = next;
    await save().catch((error: unknown) => {
      if (content === next) content = before;
      throw new KeepaliveError('KA_HOME_UNUSABLE', { file, reason: errnoOf(error) }, error);
    });
  };
  return {
    of(id) {
      const policy = policyIn(content, id);
      return policy ? knownMembers.parse(policy) : {};
    },
    async change(id, patch) {
      const policy = patched(policyIn(content, id), patch);
      await put({ sessions: withPolicy(content.sessions, id, policy) });
    },
    isNotifierOn: id => !content.notifiersOff.includes(id),
    async switchNotifier(id, on) {
      const off = content.notifiersOff.filter(other => other !== id);
      await put({ notifiersOff: on ? off : [...off, id] });
    },
    get added() {
      return content.added;
    },
    add: addition => put({ added: [...content.added, addition] }),
    async remove(id, { keepPolicy = false } = {}) {
      const { sessions, added } = content;
      await put({
        sessions: keepPolicy ? sessions : withPolicy(sessions, id, {}),
        added: added.filter(addition => idOf(addition) !== id),
      });
    },
  };
}

/** A file without additions and switches looks as in older versions. */
const filled = ({ sessions, added, notifiersOff }: Content): Pick<SettingsFile, 'sessions'> & Partial<Content> => ({
  sessions,
  ...(added.length > 0 && { added }),
  ...(notifiersOff.length > 0 && { notifiersOff }),
});

/** A session may have the id `constructor`. */
const policyIn = ({ sessions }: Content, id: string): PartialPolicy | undefined =>
  Object.hasOwn(sessions, id) ? sessions[id] : undefined;

/** The policies with that of one session, which may be empty. */
function withPolicy(sessions: Content['sessions'], id: string, policy: PartialPolicy): Content['sessions'] {
  const others = Object.entries(sessions).filter(([other]) => other !== id);
  return Object.fromEntries(Object.keys(policy).length > 0 ? [...others, [id, policy]] : others);
}

/** The policy with the changes of a patch. Throws if it is not valid. */
function patched(before: PartialPolicy | undefined, patch: PolicyPatch): PartialPolicy {
  const members = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null && value !== undefined);
  const policy = Object.fromEntries(members);
  knownMembers.parse(policy);
  return policy;
}

/** A policy may have members that a newer version added. They are kept, and not used. */
const knownMembers = partialPolicySchema.strip();

type SettingsFile = {
  readonly version: number;
  readonly sessions: Readonly<Record<string, PartialPolicy>>;
  /** The ids of the notifiers that the user switched off. */
  readonly notifiersOff?: readonly string[];
  readonly added?: readonly Addition[];
};

/** Session by session: damaged settings of one do not affect the others. */
function understand(json: unknown): SettingsFile {
  const { sessions, added, notifiersOff, ...others } = isRecord(json) ? json : {};
  const good = Object.entries(isRecord(sessions) ? sessions : {}).filter(
    (entry): entry is [string, PartialPolicy] => knownMembers.safeParse(entry[1]).success,
  );
  return {
    ...others,
    version: versions.current,
    sessions: Object.fromEntries(good),
    ...(added !== undefined && { added: distinct(listOf(added)) }),
    ...(notifiersOff !== undefined && { notifiersOff: listOf(notifiersOff).filter(id => typeof id === 'string') }),
  };
}

const listOf = (json: unknown): readonly unknown[] => (Array.isArray(json) ? json : []);

/** The valid additions. Of two with the same id, the first counts. */
function distinct(added: readonly unknown[]): readonly Addition[] {
  const valid = added.filter((one): one is Addition => additionSchema.safeParse(one).success);
  return valid.filter((one, index) => valid.findIndex(other => idOf(other) === idOf(one)) === index);
}
