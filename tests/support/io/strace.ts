import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Everything that changes a file or a folder, by the names of several architectures. */
const CHANGES = [
  'mkdir',
  'mkdirat',
  'openat',
  'pwrite64',
  'fsync',
  'fchmod',
  'fchown',
  'ftruncate',
  'rename',
  'renameat',
  'renameat2',
  'unlink',
  'unlinkat',
  'rmdir',
  'utimensat',
];

/** One of them: the `nth` of its name, from 1 on, and how strace shows it. */
export type Call = { readonly name: string; readonly nth: number; readonly text: string };

/** strace(1) on one thread. `end` lets go of the thread and gives what was seen. */
async function attach(
  thread: string,
  args: readonly string[],
): Promise<{ readonly end: () => Promise<readonly string[]> }> {
  const strace = spawn('strace', ['-s', '256', '-p', thread, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  strace.stderr.setEncoding('utf8').on('data', chunk => void (text += chunk));
  const closed = once(strace, 'close');
  const failed = closed.then(() => Promise.reject(new Error(text)));
  while (!text.includes('attached')) await Promise.race([once(strace.stderr, 'data'), failed]);
  failed.catch(() => {}); // It ends when the thread does.
  return {
    async end() {
      strace.kill('SIGINT');
      await closed;
      return text.split('\n');
    },
  };
}

const traced = `trace=${CHANGES.map(name => `?${name}`).join()}`;

/** Every call of the thread that changes files, while the work goes on. */
export async function callsDuring(thread: string, work: () => Promise<unknown>): Promise<readonly Call[]> {
  const { end } = await attach(thread, ['-e', traced]);
  await work();
  const seen = new Map<string, number>();
  return (await end()).flatMap(text => {
    const [, name] = /^(\w+)\(/.exec(text) ?? [];
    if (name === undefined) return [];
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return [{ name, nth, text }];
  });
}

/** Has the system refuse this call of the next `work`: it alone, or from then on all that comes, whatever its name. */
export async function refuseDuring<T>(
  thread: string,
  calls: readonly Call[],
  at: number,
  error: string,
  lasting: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const point = calls[at];
  const firsts = lasting
    ? new Map(
        calls
          .slice(at)
          .toReversed()
          .map(({ name, nth }) => [name, `${nth}+`]),
      )
    : new Map([[point?.name, String(point?.nth)]]);
  const injections = [...firsts].flatMap(([name, when]) => ['-e', `inject=${name}:error=${error}:when=${when}`]);
  const { end } = await attach(thread, ['-e', traced, ...injections]);
  const result = await work();
  if (!(await end()).some(line => line.includes('(INJECTED)'))) throw new Error(`Nothing was refused: ${point?.text}`);
  return result;
}

/** Has the system kill the process right before this call. */
export const killBefore = async (thread: string, { name, nth }: Call): Promise<void> =>
  void (await attach(thread, ['-e', `trace=${name}`, '-e', `inject=${name}:signal=SIGKILL:when=${nth}`]));

/** Whether threads of other processes can be traced here: strace(1) may be missing or, in containers, forbidden. */
export const CAN_TRACE = process.platform === 'linux' && (await canTrace());

async function canTrace(): Promise<boolean> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  try {
    const { end } = await attach(String(child.pid), []);
    await end();
    return true;
  } catch {
    return false;
  } finally {
    child.kill('SIGKILL');
  }
}
