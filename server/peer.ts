import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

const ESTABLISHED = '01';
const LOOPBACK = ['0100007F', '0000000000000000FFFF00000100007F'];
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Whether the process at the other end of a loopback connection belongs to another user than this one and root. Only
 * Linux shows this; elsewhere the answer is false. A connection that its owner has closed counts as another user's: the
 * system no longer shows whose it was.
 */
export function isOfOtherUser(socket: Pick<Socket, 'remotePort' | 'localPort'>): boolean {
  const user = process.geteuid?.();
  if (user === undefined || process.platform !== 'linux') return false;
  const tables = TABLES.map(read);
  if (tables[0] === undefined) return false;
  const rows = tables.flatMap(table => rowsOf(table ?? '', socket));
  return !rows.some(uid => uid === user || uid === 0);
}

/** The owners of the end whose port is the remote one. */
function rowsOf(table: string, { remotePort = 0, localPort = 0 }: Pick<Socket, 'remotePort' | 'localPort'>): number[] {
  return table.split('\n').flatMap(line => {
    const [, local = '', remote = '', state, , , , uid] = line.trim().split(/\s+/);
    const isMeant = isAt(local, remotePort) && isAt(remote, localPort) && state === ESTABLISHED;
    return isMeant ? [Number(uid)] : [];
  });
}

function isAt(address: string, port: number): boolean {
  const [host = '', at = ''] = address.split(':');
  return LOOPBACK.includes(host) && Number.parseInt(at, 16) === port;
}

function read(table: string): string | undefined {
  try {
    return readFileSync(table, 'latin1');
  } catch {
    return undefined;
  }
}
