import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';

const LISTENING = '0A';

/** The program that listens on a port of this machine, in words. Only Linux shows it, for programs of this user. */
export async function describePortUser(port: number): Promise<string> {
  const sockets = await socketsAt(port);
  for (const pid of await processes()) {
    const links = await linksOf(pid);
    if (!links.some(link => sockets.includes(link))) continue;
    const [program = '', script = ''] = (await read(`/proc/${pid}/cmdline`)).split('\0');
    // Any other argument may be a secret.
    const words = [program, ...(isAbsolute(script) ? [script] : [])];
    return `process ${pid} (${words.map(word => basename(word)).join(' ')})`;
  }
  return 'another program';
}

async function socketsAt(port: number): Promise<readonly string[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(read));
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return tables
    .flatMap(table => table.split('\n').map(line => line.trim().split(/\s+/)))
    .filter(([, local = '', , state]) => local.endsWith(wanted) && state === LISTENING)
    .map(row => `socket:[${row[9]}]`);
}

const processes = async (): Promise<readonly string[]> =>
  (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name));

async function linksOf(pid: string): Promise<readonly string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return Promise.all(names.map(name => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
}

const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
