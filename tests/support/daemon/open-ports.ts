import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The addresses on which a process listens, in the notation of /proc. */
export function listening(pid: number): readonly string[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap(
    fd => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
  );
  const rows = ['tcp', 'tcp6'].flatMap(name =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8')
      .split('\n')
      .map(line => line.trim().split(/\s+/)),
  );
  return rows.flatMap(([, local = '', , state, , , , , , inode = '']) =>
    state === '0A' && sockets.includes(inode) ? [local.split(':')[0] ?? ''] : [],
  );
}

/** The file may have been closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
