import { readFile, rename } from 'node:fs/promises';
import { KeepaliveError } from '../../sdk/errors.ts';
import type { Notice, SessionRecord, StatesFile } from '../../sdk/session.ts';
import { errnoOf } from '../files/errno.ts';
import { writeDurably } from '../files/durable.ts';
import type { KernelLog } from '../log.ts';
import { noticeSchema, sessionRecordSchema } from '../schemas.ts';

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

/** The states in one file. What cannot be read in it is set aside, never overwritten; sessions that can be read go on. */
export async function openStateFile(file: string, log: KernelLog): Promise<StateStore> {
  const read = await readStates(file, log);
  const sessions = new Map(Object.entries(read.sessions));
  let notices = read.notices;
  let writing: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const states: StatesFile = { version: 1, sessions: Object.fromEntries(sessions), notices };
    try {
      await writeDurably(file, JSON.stringify(states));
    } catch (error) {
      throw new KeepaliveError('KA_HOME_UNUSABLE', { file, reason: errnoOf(error) }, error);
    }
  };
  // Calls that come while a write is under way share the next one.
  const save = (): Promise<void> => {
    if (!writing) {
      writing = write().finally(() => {
        writing = undefined;
      });
      return writing;
    }
    queued ??= writing.catch(() => undefined).then(() => {
      queued = undefined;
      return save();
    });
    return queued;
  };
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
    flush: () => queued ?? writing ?? Promise.resolve(),
  };
}

async function readStates(file: string, log: KernelLog): Promise<Pick<StatesFile, 'sessions' | 'notices'>> {
  const empty = { sessions: {}, notices: [] };
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return empty;
  }
  const { states, damaged } = parseStates(text);
  if (damaged) {
    const aside = `${file}.damaged-${Date.now()}`;
    await rename(file, aside);
    log.warn({ aside }, 'the state file was damaged and has been set aside');
  }
  return states;
}

function parseStates(text: string): { states: Pick<StatesFile, 'sessions' | 'notices'>; damaged: boolean } {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { states: { sessions: {}, notices: [] }, damaged: true };
  }
  const { sessions = {}, notices = [] } = (typeof raw === 'object' && raw !== null ? raw : {}) as { sessions?: unknown; notices?: unknown };
  const entries = Object.entries(typeof sessions === 'object' && sessions !== null ? sessions : {});
  const good = entries.flatMap(([id, value]) => {
    const parsed = sessionRecordSchema.safeParse(value);
    return parsed.success ? [[id, parsed.data] as const] : [];
  });
  const parsedNotices = noticeSchema.array().safeParse(notices);
  const whole = typeof raw === 'object' && raw !== null && 'version' in raw && raw.version === 1;
  return {
    states: { sessions: Object.fromEntries(good), notices: parsedNotices.success ? parsedNotices.data : [] },
    damaged: !whole || good.length < entries.length || !parsedNotices.success,
  };
}
