import type { InjectionToken } from 'tsyringe';
import { isRecord } from '../../sdk/base/json.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Instant, Notice, SessionRecord, StatesFile } from '../../sdk/contract/session.ts';
import { errnoOf } from '../../sdk/base/errno.ts';
import { writeDurably } from '../../runtime/files/durable.ts';
import { recall } from '../../runtime/files/own-file.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { MIGRATIONS } from './migrations.ts';
import { noticeSchema } from '../../sdk/contract/notice-schema.ts';
import { sessionRecordSchema } from '../../sdk/contract/session-schema.ts';

/** What is remembered across restarts. */
export interface StateStore {
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly notices: readonly Notice[];
  /** Resolves when what was set before the call is on disk. */
  put(id: string, record: SessionRecord): Promise<void>;
  setNotices(notices: readonly Notice[]): Promise<void>;
  /** Sets when the daemon stopped cleanly, for readers of the file; undefined while it runs. */
  setStoppedAt(at: Instant | undefined): Promise<void>;
  /** Forgets a session. */
  remove(id: string): Promise<void>;
  /** The ids of the sessions that are kept. The records of others are only remembered. */
  setKept(ids: readonly string[]): Promise<void>;
  /** Resolves when everything is on disk. */
  flush(): Promise<void>;
}
export const StateStore = Symbol('StateStore') as InjectionToken<StateStore>;

const versions = MIGRATIONS.states;

/** Opens `states.json`. */
export async function openStateFile(file: string, log: KernelLog): Promise<StateStore> {
  const { sessions: read, ...found } = await recall(file, log, { versions, understand });
  const sessions = new Map(Object.entries(read));
  let others = found;

  const write = async (): Promise<void> => {
    const states: StatesFile = { ...others, sessions: Object.fromEntries(sessions) };
    try {
      await writeDurably(file, JSON.stringify(states));
    } catch (error) {
      throw new KeepaliveError('KA_HOME_UNUSABLE', { file, reason: errnoOf(error) }, error);
    }
  };
  const { save, flush } = inOneWrite(write);
  /** Absent and undefined are the same. */
  const change = (members: Partial<typeof others>): Promise<void> => {
    const next = { ...others, ...members };
    if (JSON.stringify(next) === JSON.stringify(others)) return Promise.resolve();
    others = next;
    return save();
  };
  return {
    sessions,
    get notices() {
      return others.notices;
    },
    put(id, record) {
      sessions.set(id, record);
      return save();
    },
    setNotices(notices) {
      others = { ...others, notices };
      return save();
    },
    setStoppedAt: stoppedAt => change({ stoppedAt }),
    setKept: ids => change({ kept: [...ids] }),
    remove(id) {
      sessions.delete(id);
      return save();
    },
    flush,
  };
}

/** Calls during a write share the next one, which begins before any that is requested later. */
function inOneWrite(write: () => Promise<void>): Record<'save' | 'flush', () => Promise<void>> {
  let writing = Promise.resolve();
  let queued: Promise<void> | undefined;
  const save = (): Promise<void> =>
    (queued ??= writing
      .catch(() => undefined)
      .then(() => {
        queued = undefined;
        return (writing = write());
      }));
  return { save, flush: () => queued ?? writing };
}

/** Record by record, and notice by notice: a damaged one does not affect the others. Members of newer versions stay. */
function understand(json: unknown): StatesFile {
  const { sessions, notices, ...others } = isRecord(json) ? json : {};
  const records = Object.entries(isRecord(sessions) ? sessions : {}).filter(
    (entry): entry is [string, SessionRecord] => sessionRecordSchema.safeParse(entry[1]).success,
  );
  const good = (Array.isArray(notices) ? notices : []).filter(
    (notice): notice is Notice => noticeSchema.safeParse(notice).success,
  );
  return { ...others, version: versions.current, sessions: Object.fromEntries(records), notices: good };
}
