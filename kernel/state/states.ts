import { isRecord } from '../../sdk/base/json.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Notice, SessionRecord, StatesFile } from '../../sdk/contract/session.ts';
import { errnoOf } from '../../runtime/files/errno.ts';
import { writeDurably } from '../../runtime/files/durable.ts';
import { recall } from '../../runtime/files/own-file.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { noticeSchema } from '../../sdk/contract/notice-schema.ts';
import { sessionRecordSchema } from '../../sdk/contract/session-schema.ts';

/** What is remembered across restarts. */
export interface StateStore {
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly notices: readonly Notice[];
  /** Resolves when what was set before the call is on disk. */
  put(id: string, record: SessionRecord): Promise<void>;
  setNotices(notices: readonly Notice[]): Promise<void>;
  /** Resolves when everything is on disk. */
  flush(): Promise<void>;
}

/** The states in one file. */
export async function openStateFile(file: string, log: KernelLog): Promise<StateStore> {
  const read = await recall(file, log, understood);
  const sessions = new Map(Object.entries(read.sessions));
  let notices = read.notices;
  let writing = Promise.resolve();
  let queued: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const states: StatesFile = { version: 1, sessions: Object.fromEntries(sessions), notices };
    try {
      await writeDurably(file, JSON.stringify(states));
    } catch (error) {
      throw new KeepaliveError('KA_HOME_UNUSABLE', { file, reason: errnoOf(error) }, error);
    }
  };
  // Calls that come while a write is under way share the next one, and it begins before any that is asked for later.
  const save = (): Promise<void> =>
    (queued ??= writing
      .catch(() => undefined)
      .then(() => {
        queued = undefined;
        return (writing = write());
      }));
  return {
    sessions,
    get notices() {
      return notices;
    },
    put(id, record) {
      sessions.set(id, record);
      return save();
    },
    setNotices(next) {
      notices = next;
      return save();
    },
    flush: () => queued ?? writing,
  };
}

/** Session by session, and notice by notice: one that is damaged takes no other with it. */
function understood(json: unknown): StatesFile {
  const { sessions, notices } = isRecord(json) ? json : {};
  const records = Object.entries(isRecord(sessions) ? sessions : {}).flatMap(([id, value]) => {
    const { success, data } = sessionRecordSchema.safeParse(value);
    return success ? [[id, data] as const] : [];
  });
  const kept = (Array.isArray(notices) ? notices : []).flatMap(value => {
    const { success, data } = noticeSchema.safeParse(value);
    return success ? [data] : [];
  });
  return { version: 1, sessions: Object.fromEntries(records), notices: kept };
}
