import { constants as files } from 'node:fs';
import { constants as system } from 'node:os';
import type { Program } from '../context/command.ts';

const [F_SETFD, F_GETFL, F_SETFL] = [2, 3, 4];
/** Node ignores these signals. What is ignored stays so in the next program: `yes | head` would never end. */
const IGNORED_BY_NODE = [system.signals.SIGPIPE, system.signals.SIGXFSZ];
const DEFAULT_ACTION = null;
/** As a shell writes it: `cat <(date)` gets `/dev/fd/63`. */
const NAMED_DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/(\d{1,5})$/;
const SHELL = '/bin/sh';

/**
 * Replaces this process by a program, which has its id, parent, process group, terminal and environment. Returns only
 * if the system refuses, with the number of the error. Throws if the functions of the system cannot be called.
 */
export async function replaceProcess({ file, argv }: Program, descriptors: readonly number[]): Promise<number> {
  const { load, errno } = await import('koffi');
  const libc = load(null);
  const execv = libc.func('int execv(const char *path, const char **argv)');
  const fcntl = libc.func('int fcntl(int fd, int command, ...)');
  const signal = libc.func('void *signal(int number, void *action)');

  for (const number of IGNORED_BY_NODE) signal(number, DEFAULT_ACTION);
  const named = argv.flatMap(arg => NAMED_DESCRIPTOR.exec(arg)?.[1] ?? []).map(Number);
  // Node closes its descriptors when another program begins, and does not wait for pipes.
  for (const descriptor of [0, 1, 2, ...descriptors, ...named]) fcntl(descriptor, F_SETFD, 'int', 0);
  for (const descriptor of [0, 1, 2]) {
    const flags: number = fcntl(descriptor, F_GETFL, 'int', 0);
    if (flags >= 0) fcntl(descriptor, F_SETFL, 'int', flags & ~files.O_NONBLOCK);
  }
  execv(file, [...argv, null]);
  // A script without a first line that names its interpreter is one for the shell.
  if (errno() === system.errno.ENOEXEC) execv(SHELL, [SHELL, file, ...argv.slice(1), null]);
  return errno();
}
