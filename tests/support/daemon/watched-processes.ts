import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

// By its place: what is watched may have a PATH without it.
const [STRACE = ''] =
  process.platform === 'linux'
    ? spawnSync('sh', ['-c', 'command -v strace'], { encoding: 'utf8' }).stdout.split('\n')
    : [];

/** Whether strace is there and may watch: a container often forbids it. */
export const CAN_WATCH =
  STRACE !== '' && spawnSync(STRACE, ['-f', '-qq', '-o', '/dev/null', process.execPath, '-e', '0']).status === 0;

/** What a program is run under so that everything that it and its children start is written to a file, with arguments and environment. */
export const watched = (file: string): readonly string[] =>
  CAN_WATCH ? [STRACE, '-D', '-f', '--seccomp-bpf', '-qq', '-v', '-s', '100000', '-e', 'trace=execve', '-o', file] : [];

/** What was started besides the watched program itself, a line each. */
export const startsIn = (file: string): readonly string[] =>
  CAN_WATCH
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(line => line.includes('execve(') && line.endsWith('= 0'))
        .slice(1)
    : [];
