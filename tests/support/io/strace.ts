import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** All system calls that change a file or a folder, with the names of several architectures. */
const CHANGES = [
  'mkdir',
  'mkdirat',
  'openat',
  'pwrite64',
  'fsync',
  'fdatasync',
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

/** One such call: the `nth` with its name, from 1, and its line in strace's output. */
export type Call = { readonly name: string; readonly nth: number; readonly text: string };

/** Attaches strace(1) to a thread. `end` detaches it and returns its output. */
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

/** Every file-changing call of the thread during the work. */
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

/** Makes the system refuse this call of the next `work`, or this call and all later ones of any name. */
export async function refuseDuring<T>(
  thread: string,
  calls: readonly Call[],
  { at, error, lasting }: { readonly at: number; readonly error: string; readonly lasting: boolean },
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

/** Makes the system kill the process before this call. */
export const killBefore = async (thread: string, { name, nth }: Call): Promise<void> =>
  void (await attach(thread, ['-e', `trace=${name}`, '-e', `inject=${name}:signal=SIGKILL:when=${nth}`]));

/** Whether other processes can be traced: strace(1) may be missing or, in containers, forbidden. */
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
