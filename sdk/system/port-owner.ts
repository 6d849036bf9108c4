import { open } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;
/** Listening sockets come first in the tables. */
const MAX_TABLE_BYTES = 4 * 1024 * 1024;
const LISTENING = '0A';
/** 127.0.0.1, as Linux writes it; and the wildcard addresses, which take its connections otherwise. */
const LOOPBACK = '0100007F';
const CATCH_ALL = [
  '00000000',
  '00000000000000000000000000000000',
  '0000000000000000FFFF00000100007F',
  '0000000000000000FFFF000000000000',
];

/**
 * Whether a connection to 127.0.0.1:`port` would reach another user. Only Linux shows this; elsewhere, and if no
 * listener is listed, the answer is false.
 */
export async function isPortOfOthers(
  port: number,
  tables: readonly string[] = ['/proc/net/tcp', '/proc/net/tcp6'],
): Promise<boolean> {
  const uid = process.geteuid?.();
  if (uid === undefined || process.platform !== 'linux') return false;
  const rows = (await Promise.all(tables.map(table => listenersIn(table, port)))).flat();
  const exact = rows.filter(({ address }) => address === LOOPBACK);
  const reached = exact.length > 0 ? exact : rows.filter(({ address }) => CATCH_ALL.includes(address));
  return reached.some(row => row.uid !== uid);
}

type Row = { readonly address: string; readonly uid: number };

async function listenersIn(table: string, port: number): Promise<readonly Row[]> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return (await listOf(table)).split('\n').flatMap(line => {
    const [, local = '', , state, , , , uid] = line.trim().split(/\s+/);
    const [address = '', at] = local.split(':');
    return at === wanted && state === LISTENING ? [{ address, uid: Number(uid) }] : [];
  });
}

/** The table as far as it lists listening sockets: very many connections may follow. */
async function listOf(table: string): Promise<string> {
  const handle = await open(table).catch(() => undefined);
  if (!handle) return '';
  let text = '';
  try {
    while (text.length < MAX_TABLE_BYTES && !/^ *\d+: \S+ \S+ (?!0A)/m.test(text.slice(-2 * CHUNK_BYTES))) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      text += buffer.toString('latin1', 0, bytesRead);
    }
    return text;
  } catch {
    return text;
  } finally {
    await handle.close();
  }
}
