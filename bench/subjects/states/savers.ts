import { open } from 'node:fs/promises';
import { openStateFile } from '../../../state/states.ts';
import { writeDurably } from '../../../runtime/files/durable.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { idOf, recordOf, type Saver } from './workload.ts';

export type OpenSaver = (folder: string, sessions: number) => Promise<Saver & { readonly close: () => Promise<void> }>;

/** Our store, with these sessions in it. */
export const ours: OpenSaver = async (folder, sessions) => {
  const store = await openStateFile(locateHome({ KEEPALIVE_HOME: folder }), silentLog());
  const all = Array.from({ length: sessions }, (_, index) => store.put(idOf(index), recordOf(index, 0)));
  await Promise.all(all);
  await store.flush();
  return { put: store.put, settle: store.flush, close: store.close };
};

/** A plain log: one append and one sync for each group of changes. Those that come during a sync share the next one. */
export const append: OpenSaver = async folder => {
  const handle = await open(`${folder}/log`, 'a');
  let lines = '';
  let writing = Promise.resolve();
  let queued: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    const group = lines;
    [lines, queued] = ['', undefined];
    await handle.write(group);
    await handle.datasync();
  };
  return {
    put(id, record) {
      lines += `${JSON.stringify({ [id]: record })}\n`;
      return (queued ??= writing = writing.then(write));
    },
    settle: () => writing,
    close: () => handle.close(),
  };
};

/** The whole file for each group of changes, as earlier versions wrote it. */
export const wholeFile: OpenSaver = async (folder, count) => {
  const sessions = new Map(Array.from({ length: count }, (_, index) => [idOf(index), recordOf(index, 0)]));
  let writing = Promise.resolve();
  let queued: Promise<void> | undefined;
  const save = (): Promise<void> =>
    (queued ??= writing.then(() => {
      queued = undefined;
      const text = JSON.stringify({ version: 1, sessions: Object.fromEntries(sessions), notices: [] });
      return (writing = writeDurably(`${folder}/states.json`, text));
    }));
  return {
    put(id, record) {
      sessions.set(id, record);
      return save();
    },
    settle: () => queued ?? writing,
    close: async () => undefined,
  };
};
