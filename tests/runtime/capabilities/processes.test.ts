import { readlinkSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { listFrom, listProcesses } from '../../../runtime/capabilities/processes.ts';
import { temporaryFolder } from '../../support/real-context.ts';

type Entry = { readonly comm: string; readonly args?: readonly string[]; readonly exe?: string };

const US: Entry = { comm: 'node', args: ['/usr/bin/node', 'main.js'], exe: '/usr/bin/node' };
const WHOLE_MACHINE = 'pid:[4026531836]';

/** A /proc with these processes, and a namespace. */
async function procWith(entries: Readonly<Record<number, Entry>>, namespace?: string): Promise<string> {
  const proc = await temporaryFolder();
  for (const [pid, { comm, args = [], exe }] of Object.entries(entries)) {
    await mkdir(join(proc, pid));
    await writeFile(join(proc, pid, 'comm'), `${comm}\n`);
    await writeFile(join(proc, pid, 'cmdline'), args.map(arg => `${arg}\0`).join(''));
    if (exe) await symlink(exe, join(proc, pid, 'exe'));
  }
  const link = join(proc, 'self', 'ns', 'pid');
  await mkdir(dirname(link), { recursive: true });
  if (namespace) await symlink(namespace, link);
  return proc;
}

test.skipIf(process.platform === 'win32').each<[string, Entry, string]>([
  ['by the name it was started with', { comm: 'codex', args: ['/opt/codex', 'exec'], exe: '/opt/codex' }, 'codex'],
  [
    'by its full name if the system cuts it off',
    { comm: 'codex-x86_64-un', args: ['/opt/codex-x86_64-unknown-linux-musl'] },
    'codex-x86_64-unknown-linux-musl',
  ],
  [
    'by the name of its script',
    { comm: 'codex', args: ['/usr/bin/node', '/usr/local/bin/codex'], exe: '/usr/bin/node' },
    'codex',
  ],
  [
    'node if its main thread has another name',
    { comm: 'MainThread', args: ['node', 'x.js'], exe: '/usr/bin/node' },
    'node',
  ],
  [
    'by its program if its main thread has another name',
    { comm: 'tokio-rt', args: ['-x'], exe: '/opt/codex' },
    'codex',
  ],
  [
    'by its old file if the program was replaced meanwhile',
    { comm: 'MainThread', args: ['x'], exe: '/opt/codex (deleted)' },
    'codex',
  ],
  ['by the title that it gave itself', { comm: 'claude', args: ['claude'], exe: '/usr/bin/node' }, 'claude'],
  ['by its own name as a login shell', { comm: 'bash', args: ['-bash'], exe: '/bin/bash' }, 'bash'],
  ['by its own name as a kernel thread', { comm: 'kthreadd' }, 'kthreadd'],
])('a running program is named %s', async (_title, entry, name) => {
  const proc = await procWith({ 7: US, 8: entry }, WHOLE_MACHINE);
  const found = (await listFrom({ proc, pid: 7 })).find(({ pid }) => pid === 8);
  expect(found).toEqual({ pid: 8, name, command: entry.args?.join(' ') });
});

test.skipIf(process.platform === 'win32').each<[string, Readonly<Record<number, Entry>>, string | undefined]>([
  ['it is empty', {}, undefined],
  ['it lacks this process', { 8: US }, WHOLE_MACHINE],
  ['it is from a container, which hides the programs outside', { 7: US }, 'pid:[4026532001]'],
])('a list of programs is not used if %s', async (_title, entries, namespace) => {
  await expect(listFrom({ proc: await procWith(entries, namespace), pid: 7 })).rejects.toThrow(
    /cannot be seen|not complete/,
  );
});

test('an unavailable list of programs is an error', async () => {
  await expect(listFrom({ proc: join(await temporaryFolder(), 'proc'), pid: 7 })).rejects.toThrow('ENOENT');
});

test.skipIf(process.platform === 'win32')('a system without namespaces shows all programs', async () => {
  expect(await listFrom({ proc: await procWith({ 7: US }), pid: 7 })).toMatchObject([{ pid: 7, name: 'node' }]);
});

const isInContainer = process.platform === 'linux' && readlinkSync('/proc/self/ns/pid') !== WHOLE_MACHINE;

test.runIf(isInContainer)('in this container there is no list', async () => {
  await expect(listProcesses()).rejects.toThrow(/cannot be seen/);
});

test.skipIf(isInContainer)('the running programs are listed, this one among them', async () => {
  const own = (await listProcesses()).find(({ pid }) => pid === process.pid);
  expect(own?.name).toContain('node');
});
