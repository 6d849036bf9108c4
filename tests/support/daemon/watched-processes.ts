import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

// The full path, because the watched program may have another PATH.
const [STRACE = ''] =
  process.platform === 'linux'
    ? spawnSync('sh', ['-c', 'command -v strace'], { encoding: 'utf8' }).stdout.split('\n')
    : [];

/** Whether strace is installed and allowed: containers often forbid it. */
export const CAN_WATCH =
  STRACE !== '' && spawnSync(STRACE, ['-f', '-qq', '-o', '/dev/null', process.execPath, '-e', '0']).status === 0;

/** The command that runs a program and records all processes that it starts, with arguments and environment. */
export const watched = (file: string): readonly string[] =>
  CAN_WATCH ? [STRACE, '-D', '-f', '--seccomp-bpf', '-qq', '-v', '-s', '100000', '-e', 'trace=execve', '-o', file] : [];

/** The processes that the watched program started, one line each. */
export const startsIn = (file: string): readonly string[] =>
  CAN_WATCH
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(line => line.includes('execve(') && line.endsWith('= 0'))
        .slice(1)
    : [];
