import * as realCrypto from 'node:crypto';
import { runInNewContext } from 'node:vm';
import type { Program } from '../world/program.ts';
import { dateOf, timersOf } from './clocks.ts';

/** What a program finds in its global scope and that differs from ours: clocks, chance, the network and itself. */
export function globalsOf(program: Program, fetch: typeof globalThis.fetch): Record<string, unknown> {
  const timers = timersOf(program);
  const performance = { now: () => program.machine.monotonic() - program.startedAt, timeOrigin: 0 };
  const changed: Record<string, unknown> = {
    ...timers,
    Date: dateOf(program),
    Math: Object.defineProperties(
      {},
      {
        ...Object.getOwnPropertyDescriptors(Math),
        random: { value: program.random.next },
      },
    ),
    Reflect: Object.fromEntries(REFLECT.map(name => [name, Reflect.get(Reflect, name)])),
    AbortSignal: abortSignal(timers.setTimeout),
    performance,
    fetch,
    process: processOf(program),
    crypto: { ...webCrypto(program), subtle: crypto.subtle },
  };
  const own = Object.entries(changed).map(([name, value]) => [name, { value, writable: true, configurable: true }]);
  const self: unknown = Object.create(globalThis, Object.fromEntries(own));
  return { ...changed, globalThis: self, global: self };
}

/** What `Reflect` has before reflect-metadata adds a registry, which would keep what each program has loaded. */
const REFLECT: readonly string[] = runInNewContext('Object.getOwnPropertyNames(Reflect)');

function webCrypto(program: Program) {
  return {
    randomUUID: () => uuid(program),
    getRandomValues: <T extends Uint8Array>(array: T): T => {
      array.set(program.random.bytes(array.length));
      return array;
    },
  };
}

/** `node:crypto` with the program's chance. */
export function cryptoOf(program: Program): object {
  return {
    ...realCrypto,
    randomUUID: () => uuid(program),
    randomBytes: (count: number) => program.random.bytes(count),
    randomInt: (low: number, high?: number) =>
      high === undefined ? program.random.below(low) : low + program.random.below(high - low),
    webcrypto: { ...webCrypto(program), subtle: crypto.subtle },
  };
}

function uuid({ random }: Program): string {
  const hex = random.bytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** `AbortSignal.timeout` follows the program's timers. */
function abortSignal(setTimeout: ReturnType<typeof timersOf>['setTimeout']): typeof AbortSignal {
  const timeout = (ms: number): AbortSignal => {
    const controller = new AbortController();
    setTimeout(
      () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      ms,
    );
    return controller.signal;
  };
  return new Proxy(AbortSignal, {
    get: (target, name, receiver) => (name === 'timeout' ? timeout : Reflect.get(target, name, receiver)),
  });
}

/** `process`, as far as the product uses it. */
function processOf(program: Program) {
  const on = (event: string, listener: (...given: unknown[]) => void) => {
    program.listeners.set(event, [...(program.listeners.get(event) ?? []), listener]);
    return self;
  };
  const output = { on: () => output, once: () => output, write: () => true, isTTY: false };
  const self = {
    pid: program.pid,
    ppid: 1,
    platform: 'linux',
    arch: 'x64',
    version: process.version,
    versions: process.versions,
    execPath: '/usr/bin/node',
    execArgv: [],
    argv: ['/usr/bin/node', '/app/kernel/main.js'],
    env: program.env,
    title: program.name,
    features: { inspector: false },
    stdout: output,
    stderr: output,
    on,
    once: on,
    addListener: on,
    off: () => self,
    removeListener: () => self,
    listeners: (event: string) => program.listeners.get(event) ?? [],
    emitWarning: () => undefined,
    cwd: () => '/home/user',
    umask: () => 0o077,
    getuid: () => 1000,
    geteuid: () => 1000,
    getgid: () => 1000,
    getegid: () => 1000,
    uptime: () => (program.machine.monotonic() - program.startedAt) / 1_000,
    hrtime: Object.assign(() => [0, 0], { bigint: () => BigInt(Math.round(program.machine.monotonic() * 1e6)) }),
    nextTick: (task: (...given: unknown[]) => void, ...given: unknown[]) => queueMicrotask(() => task(...given)),
    memoryUsage: () => ({ rss: 5e7, heapTotal: 2e7, heapUsed: 1e7, external: 0, arrayBuffers: 0 }),
    exit: () => program.exit(),
    kill: (pid: number, signal: string | number = 'SIGTERM') => {
      const found = program.machine.programs.get(pid);
      if (!found) throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
      if (signal !== 0) found.signal(String(signal));
      return true;
    },
  };
  return self;
}
