import type { InjectionToken } from 'tsyringe';
import type { Instant, Notice, SessionRecord } from '../sdk/contract/session.ts';
import type { StatesSection } from '../sdk/contract/states-layout.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { Commits } from './commits.ts';
import { StatesOnDisk } from './states-on-disk.ts';
import { readStates, type StatesFiles } from './states-reading.ts';

/** What is remembered across restarts. A promise of a change resolves when it is on disk. */
export interface StateStore {
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly notices: readonly Notice[];
  put(id: string, record: SessionRecord): Promise<void>;
  /** Forgets a session. */
  remove(id: string): Promise<void>;
  /** Adds a notice, or replaces the one with its id. */
  raise(notice: Notice): Promise<void>;
  clear(noticeId: string): Promise<void>;
  /** Sets when the daemon stopped cleanly, for readers of the file; undefined while it runs. */
  setStoppedAt(at: Instant | undefined): Promise<void>;
  /** The ids of the sessions that are kept. The records of others are only remembered. */
  setKept(ids: readonly string[]): Promise<void>;
  /** Resolves when everything is on disk and `states.json` shows it. */
  flush(): Promise<void>;
  /** Leaves a complete `states.json` alone. The store can still be used. */
  close(): Promise<void>;
}
export const StateStore = Symbol('StateStore') as InjectionToken<StateStore>;

/** Opens `states.json` and its log. Nothing is written before the first change. */
export async function openStateFile(files: StatesFiles, log: KernelLog): Promise<StateStore> {
  const { sessions, notices, version: _version, changes: _changes, ...members } = await readStates(files, log);
  const content = {
    sessions: new Map(Object.entries(sessions)),
    notices: new Map(notices.map(notice => [notice.id, notice])),
    members: new Map<string, unknown>(Object.entries(members)),
  };
  const disk = new StatesOnDisk(files, content);
  const commits = new Commits(changes => disk.write(changes));

  const set = <T>(
    section: StatesSection,
    entries: Map<string, T>,
    key: string,
    value: T | undefined,
  ): Promise<void> => {
    if (entries.get(key) === value) return commits.of(section, key);
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
    return commits.add({ section, key, json: value === undefined ? undefined : JSON.stringify(value) });
  };
  const isKept = (ids: readonly string[]): boolean =>
    JSON.stringify(ids) === JSON.stringify(content.members.get('kept'));
  return {
    sessions: content.sessions,
    get notices() {
      return [...content.notices.values()];
    },
    put: (id, record) => set('sessions', content.sessions, id, record),
    remove: id => set('sessions', content.sessions, id, undefined),
    raise: notice => set('notices', content.notices, notice.id, notice),
    clear: id => set('notices', content.notices, id, undefined),
    setStoppedAt: at => set('members', content.members, 'stoppedAt', at),
    setKept: ids => set('members', content.members, 'kept', isKept(ids) ? content.members.get('kept') : [...ids]),
    async flush() {
      await commits.flush();
      await disk.show();
    },
    async close() {
      await commits.close();
      await disk.close();
    },
  };
}
