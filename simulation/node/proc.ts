import type { Program } from '../world/program.ts';

const PID_NAMESPACE = 'pid:[4026531836]';

/** The files of /proc that the product reads, as Linux shows them to a program. */
export function proc(program: Program) {
  const { machine } = program;

  function read(path: string): string | undefined {
    if (!path.startsWith('/proc/')) return undefined;
    if (path === '/proc/sys/kernel/random/boot_id') return `${machine.boot}\n`;
    if (path === '/proc/self/mountinfo') return '1 1 0:1 / / rw - ext4 /dev/disk rw\n';
    if (path.startsWith('/proc/net/')) return '';
    const [, pid, name] = /^\/proc\/(\d+)\/(\w+)$/.exec(path) ?? [];
    const found = machine.programs.get(Number(pid));
    if (!found || name === undefined) return undefined;
    return {
      stat: `${found.pid} (${found.name}) S ${Array(18).fill('0').join(' ')} ${Math.round(found.startedAt * 100)} 0`,
      status: `State:\tS (sleeping)\nUid:\t1000\t1000\t1000\t1000\n`,
      comm: `${found.name}\n`,
      cmdline: `${found.name}\0`,
    }[name];
  }

  return {
    read,
    has: (path: string): boolean => read(path) !== undefined,
    list: (path: string): readonly string[] | undefined =>
      path === '/proc' ? [...machine.programs.keys()].map(String) : undefined,
    link(path: string): string | undefined {
      if (path === '/proc/self') return String(program.pid);
      if (path === '/proc/self/ns/pid') return PID_NAMESPACE;
      return path === '/proc/self/ns/time' ? 'time:[4026531834]' : undefined;
    },
  };
}
