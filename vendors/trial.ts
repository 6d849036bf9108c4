import { isKeepaliveError } from '../sdk/contract/errors.ts';
import type { ProviderContext, ProviderPlugin } from '../sdk/plugin/provider.ts';
import { running } from '../tests/support/running-test.ts';
import type { Fault } from './faults/fault.ts';
import type { Seen } from './judge.ts';
import type { VendorProgram } from './programs/program.ts';
import { besideUs } from './beside.ts';
import { openWorld, type OpenWorld } from './world/open-world.ts';
import type { Shared } from './world/world.ts';

/** One release of a program, touched in one way. */
export type Subject = {
  readonly program: VendorProgram;
  readonly kind: string;
  /** The file that is run. */
  readonly path: string;
};

/** Lets one fault happen to a login that is due, repairs it, and attempts the login again. */
export async function tryFault({ program, kind, path }: Subject, fault: Fault, shared: Shared) {
  const undo: (() => void | Promise<void>)[] = [];
  try {
    return await running.run({ onTestFinished: end => void undo.push(end) }, async (): Promise<Seen> => {
      const provider = program.kinds[kind]?.(path);
      if (!provider) throw new Error(`${program.name} is not touched by ${kind}.`);
      return observe({ program, provider, path }, fault, await openWorld(program, fault, shared));
    });
  } finally {
    for (const end of undo.toReversed()) await end();
  }
}

/** A refusal may have to be repeated, this much later, to be believed. */
const LATER_MS = 90_000;

type Acting = { readonly program: VendorProgram; readonly provider: ProviderPlugin; readonly path: string };

async function observe({ program, provider, path }: Acting, fault: Fault, world: OpenWorld): Promise<Seen> {
  const { login, front, vendor } = world;
  const before = await login.read();
  const repair = await fault.before?.(world);
  const keepers = Array.from({ length: fault.keepers ?? 1 }, () => attempt(provider, world.context()));
  const outcomes = await Promise.all(keepers);
  // A program whose attempt was given up, or that was not awaited, may be about to write.
  const { isAlive, isChanged } = await settled(login, before);
  const accepted = program.beside && (await besideUs(program.beside, world, path));
  // The program may change its own store. We may not.
  const then = program.beside ? await login.read().catch(() => '') : before;
  const during = { outcomes, isAlive, isChanged, exchanges: front.exchanges(), ...vendor.counts(), accepted };
  await repair?.();
  front.repair();
  const afterwards = await attempt(provider, { ...world.context(), now: () => Date.now() + LATER_MS });
  return {
    during,
    after: {
      outcome: afterwards,
      isAlive: await isAccepted(login),
      isChanged: (await login.read().catch(() => '')) !== then,
      reused: vendor.counts().reused,
      accepts: (await program.accepts?.(world.context(), path)) ?? true,
    },
  };
}

/** The status of the outcome, or the code of the error. */
async function attempt(provider: ProviderPlugin, context: ProviderContext): Promise<string> {
  try {
    return (await Promise.race([provider.refresh(context), tooLong()])).status;
  } catch (error) {
    if (isKeepaliveError(error)) return error.code;
    if (error === TOO_LONG) return 'no end within five minutes';
    return context.signal.aborted ? 'given up' : `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** An attempt is expected to end long before. */
const LIMIT_MS = 300_000;
const TOO_LONG = new Error('The attempt did not end.');

const tooLong = (): Promise<never> =>
  new Promise((_resolve, reject) => setTimeout(() => reject(TOO_LONG), LIMIT_MS).unref());

type Login = OpenWorld['login'];

const isAccepted = (login: Login): Promise<boolean> => login.isAlive().catch(() => false);

async function settled(login: Login, before: string) {
  return { isAlive: await isAccepted(login), isChanged: (await login.read().catch(() => '')) !== before };
}
