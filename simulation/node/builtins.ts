import { createRequire } from 'node:module';
import * as realHttp from 'node:http';
import * as realOs from 'node:os';
import type { Program } from '../world/program.ts';
import { timerPromises, timersOf } from './clocks.ts';
import { fsModule, promisesModule } from './file-modules.ts';
import { calls } from './fs.ts';
import { cryptoOf } from './globals.ts';
import { httpOf } from './network.ts';

const real = createRequire(import.meta.url);

/** Modules that neither see nor change anything outside of the program. */
const PURE = new Set(
  [
    'assert',
    'async_hooks',
    'buffer',
    'diagnostics_channel',
    'events',
    'module',
    'net',
    'path',
    'path/posix',
    'perf_hooks',
  ]
    .concat(['querystring', 'stream', 'stream/promises', 'string_decoder', 'tls', 'tty', 'url', 'util', 'util/types'])
    .concat(['v8', 'vm', 'worker_threads', 'zlib', 'punycode', 'https', 'dns', 'readline', 'constants', 'inspector']),
);

export type Require = (name: string) => unknown;

/** What `require` gives a program. A module that would let it out of the simulation is refused. */
export function requireOf(program: Program, more: Readonly<Record<string, unknown>>): Require {
  const sync = calls(program);
  const timers = timersOf(program);
  const made = new Map<string, unknown>();
  const make: Readonly<Record<string, () => unknown>> = {
    fs: () => fsModule(program, sync),
    'fs/promises': () => promisesModule(program, sync),
    timers: () => timers,
    'timers/promises': () => timerPromises(timers),
    crypto: () => cryptoOf(program),
    http: () => httpOf(program, realHttp),
    os: () => osOf(program),
    process: () => undefined,
    // Only a user with a proxy needs it, and no simulated one has a proxy.
    undici: () => ({}),
    child_process: () => ({ execFile: refused('execFile'), spawn: refused('spawn') }),
  };
  return name => {
    const plain = name.replace(/^node:/, '');
    if (plain in more) return more[plain];
    if (PURE.has(plain)) return real(name);
    if (!made.has(plain)) {
      const maker = make[plain];
      if (!maker) throw new Error(`${name} is not simulated.`);
      made.set(plain, maker());
    }
    return made.get(plain);
  };
}

const refused = (name: string) => () => {
  throw new Error(`${name} is not simulated.`);
};

const osOf = ({ machine, env }: Program): object => ({
  ...realOs,
  hostname: () => machine.name,
  homedir: () => env['HOME'],
  userInfo: () => ({ username: 'user', homedir: env['HOME'], uid: 1000, gid: 1000 }),
  networkInterfaces: () => ({
    eth0: [{ address: machine.address, internal: false, family: 'IPv4' }].slice(0, machine.isOnline ? 1 : 0),
  }),
  platform: () => 'linux',
  uptime: () => (machine.timeline.now - machine.startedAt) / 1_000,
  availableParallelism: () => 2,
});
