import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProxyAgent, fetch as fetchThrough, type Dispatcher } from 'undici';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { clientFactory } from '../../runtime/capabilities/proxied-fetch.ts';
import { createPty } from '../../runtime/capabilities/pty.ts';
import { createWhich } from '../../runtime/capabilities/which.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { realContext, temporaryFolder } from '../../tests/support/real-context.ts';
import { onTestFinished } from '../../tests/support/running-test.ts';
import type { Fault } from '../faults/fault.ts';
import type { Env, VendorProgram } from '../programs/program.ts';
import { openFront, type Front } from './front.ts';
import type { Shared, World } from './world.ts';
import { timeLimit } from '../../sdk/base/time-limit.ts';

export type OpenWorld = World & {
  readonly front: Front;
  /** A context of an attempt. `giveUp` aborts the latest one. */
  readonly context: () => ProviderContext;
};

/** A made-up home with a login that is due, and a vendor on loopback that shows the fault. */
export async function openWorld(
  program: VendorProgram,
  fault: Fault,
  { certificates, unpacked }: Shared,
): Promise<OpenWorld> {
  const folder = await temporaryFolder();
  onTestFinished(() => killMarked(folder));
  const vendor = await program.vendor();
  const login = await vendor.signIn(folder);
  let attempt = new AbortController();
  const front: Front = await openFront(fault, vendor, certificates, () => world);
  const { authority } = certificates.good;
  const env = { ...base(folder), ...program.env({ folder, unpacked, authority, proxy: front.proxy }) };
  const programs = { workDir: join(folder, 'work'), env };
  const dispatcher = new ProxyAgent({
    uri: front.proxy,
    clientFactory,
    requestTls: { ca: await readFile(authority) },
  });
  const world: OpenWorld = {
    folder,
    vendor,
    login,
    front,
    locks: program.locks?.(folder) ?? [],
    killProgram: () => killMarked(folder),
    giveUp: () => attempt.abort(new Error('The attempt was given up.')),
    context() {
      attempt = new AbortController();
      return realContext(folder, {
        env,
        exec: createExec(programs),
        pty: createPty(programs),
        which: createWhich(env),
        signal: attempt.signal,
        fetch: throughProxy(dispatcher),
      });
    },
  };
  return world;
}

/** The daemon's own requests are limited like this too. */
const REQUEST_LIMIT_MS = 30_000;

/** `fetch` as the daemon has it behind a proxy. */
const throughProxy = (dispatcher: Dispatcher): typeof globalThis.fetch =>
  (async (input: string, init: RequestInit = {}) => {
    const signal = timeLimit(REQUEST_LIMIT_MS, init.signal);
    return fetchThrough(input, { ...(init as object), signal, dispatcher });
  }) as unknown as typeof globalThis.fetch;

/** Marks the processes of one world. */
const MARK = 'KEEPALIVE_VENDOR_TRIAL';

const base = (folder: string): Env => ({
  PATH: process.env['PATH'],
  HOME: folder,
  XDG_CONFIG_HOME: join(folder, '.config'),
  TERM: 'dumb',
  [MARK]: folder,
});

/** Kills the programs that were started in this world. */
async function killMarked(folder: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`${MARK}=${folder}`)) process.kill(Number(pid), 'SIGKILL');
  }
}
