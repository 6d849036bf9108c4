import { EventEmitter } from 'node:events';
import { basename, resolve } from 'node:path/posix';
import type { Node } from '../world/disk.ts';
import type { Program } from '../world/program.ts';

/** `fs.watch` for a folder. */
export function watchFolder(program: Program, path: string, changed: (event: string, name: string) => void) {
  const { disk } = program.machine;
  const node = disk.get(resolve(path), 'watch');
  const listener = (folder: Node, name: string): void => {
    if (folder === node) program.after(program.random.between(0.1, 2), () => changed('change', name));
  };
  disk.watchers.add(listener);
  const close = () => void disk.watchers.delete(listener);
  program.onEnd(close);
  return Object.assign(new EventEmitter(), { close, name: basename(path) });
}
