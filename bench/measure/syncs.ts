import { open } from 'node:fs/promises';

/** Counts from now on how often this process syncs a file or a folder. */
export async function countSyncs(): Promise<() => number> {
  let count = 0;
  const handle = await open(process.execPath);
  await handle.close();
  const prototype: Pick<typeof handle, 'sync' | 'datasync'> = Object.getPrototypeOf(handle);
  for (const name of ['sync', 'datasync'] as const) {
    const original = prototype[name];
    prototype[name] = function (this: typeof handle) {
      count += 1;
      return original.call(this);
    };
  }
  return () => count;
}
