import { KeepaliveError } from '../../contract/errors.ts';
import type { PartialPolicy } from '../../contract/policy.ts';
import type { Inspection, RefreshOutcome } from '../../contract/outcome.ts';
import {
  defineProvider,
  type InspectContext,
  type ProviderContext,
  type ProviderPlugin,
} from '../../plugin/provider.ts';
import { fingerprintOf, readInstant, readJsonFile, realWait, valueAt, type Wait } from '../store/json-store.ts';
import { dueAt } from '../store/lifetime.ts';
import { findProgram, touch, type StoreReading } from './touch.ts';

/** A session that a program renews when its command is run. */
export type CommandSessionOptions = {
  readonly id: string;
  /** [the id] */
  readonly displayName?: string | undefined;
  /** The program and its arguments, run without a shell. It is never killed before it had 2 minutes to end. */
  readonly run: readonly [program: string, ...args: string[]];
  /** The file that the program keeps its credential in. If it is given, it decides, not the exit code. */
  readonly store?: string | undefined;
  /** Where the expiry is in the store: keys joined by dots. The store must be JSON then. */
  readonly expiresAt?: string | undefined;
  /** A command that ends with 0 if the session is alive. */
  readonly status?: readonly [program: string, ...args: string[]] | undefined;
  /** Runs the command at every tick, even if nothing is due. */
  readonly always?: boolean | undefined;
  /** What the user does to sign in again, as a sentence. */
  readonly signIn: string;
  /** [every 30 minutes] */
  readonly policy?: PartialPolicy | undefined;
};

type Command = Omit<CommandSessionOptions, 'run'> & {
  readonly name: string;
  readonly args: readonly string[];
  readonly wait: Wait;
};

/**
 * A provider that runs a command, and believes what the store or the status command shows afterwards. With neither, it
 * believes the exit code.
 */
export function defineCommandSession(options: CommandSessionOptions, wait: Wait = realWait): ProviderPlugin {
  const { id, displayName = id, policy, store } = options;
  const [name, ...args] = options.run;
  const command: Command = { ...options, name, args, wait };
  return defineProvider({
    id,
    displayName,
    policy: { schedule: { mode: 'interval', every: '30m' }, timeout: '150s', ...policy },
    refresh: context => refresh(command, context),
    inspect: context => inspect(command, context),
    watch: ({ files }, changed) => (store === undefined ? () => {} : files.watch(store, changed)),
  });
}

async function refresh(command: Command, context: ProviderContext): Promise<RefreshOutcome> {
  const { name, store, always, signIn } = command;
  const program = await findProgram(name, context);
  if (!program) return { status: 'unavailable', hint: `There is no ${name}. Install it, or give its path.` };
  const reading = await read(command, context);
  if (!reading) return { status: 'unavailable', hint: `There is no ${store}. ${signIn}` };
  const isNeeded = await isDue(command, context, reading);
  if (!isNeeded && !always && !context.force) {
    return { status: 'fresh', expiresAt: reading.expiresAt, method: 'touch' };
  }
  if (store === undefined) return runWithoutStore(command, context, program);
  return runWithStore({ command, program, reading, isNeeded }, context);
}

/** What the store shows; undefined if there is no such file. */
async function read({ store, expiresAt, wait }: Command, { files }: InspectContext): Promise<StoreReading | undefined> {
  if (store === undefined) return { fingerprint: '' };
  if (expiresAt === undefined) {
    const text = await files.read(store);
    return text === undefined ? undefined : { fingerprint: fingerprintOf(text) };
  }
  const found = await readJsonFile(files, store, wait);
  if (!found) return undefined;
  return { fingerprint: fingerprintOf(found.text), expiresAt: readInstant(valueAt(found.json, expiresAt)) };
}

/** By the expiry if it is known, else by the status command. With neither, it is due at every tick. */
async function isDue({ status }: Command, context: ProviderContext, reading: StoreReading): Promise<boolean> {
  const due = dueAt({ ...reading, last: context.last }, context.refreshBefore);
  if (due !== undefined) return context.now() >= due;
  return !(status && (await isAlive(context, status)));
}

async function runWithoutStore(
  { args, status }: Command,
  context: ProviderContext,
  program: string,
): Promise<RefreshOutcome> {
  context.signal.throwIfAborted();
  const { exitCode, timedOut } = await context.exec(program, args, { graceMs: GRACE_MS });
  const isRenewed = status ? await isAlive(context, status) : exitCode === 0;
  if (isRenewed) return { status: 'refreshed', method: status ? 'touch' : 'exit code' };
  throw new KeepaliveError('KA_PROGRAM_FAILED', { program, exitCode, timedOut });
}

type Running = {
  readonly command: Command;
  readonly program: string;
  readonly reading: StoreReading;
  readonly isNeeded: boolean;
};

function runWithStore(
  { command, program, reading, isNeeded }: Running,
  context: ProviderContext,
): Promise<RefreshOutcome> {
  const { args, wait, signIn, expiresAt, status } = command;
  // The store need not change if nothing was due, or if we cannot see what is.
  const mayStay = !isNeeded || (expiresAt === undefined && !status);
  const options = {
    program,
    args,
    wait,
    loginHint: signIn,
    read: () => read(command, context),
    async unchanged({ exitCode }: { readonly exitCode: number | undefined }) {
      if (mayStay) return exitCode === 0 ? ({ status: 'fresh', expiresAt: reading.expiresAt } as const) : undefined;
      const isRenewed = expiresAt === undefined && status && (await isAlive(context, status));
      return isRenewed ? ({ status: 'refreshed' } as const) : undefined;
    },
  };
  return touch(context, options, reading);
}

async function inspect(command: Command, context: InspectContext): Promise<Inspection> {
  const { name, store, status, signIn } = command;
  const [program, reading] = await Promise.all([findProgram(name, context), read(command, context)]);
  const method = store === undefined && !status ? 'exit code' : 'touch';
  const known = { owner: name, program, method, expiresAt: reading?.expiresAt };
  if (store !== undefined) {
    const place = context.files.resolve(store);
    const hint = reading ? undefined : signIn;
    return { present: reading !== undefined, store: place, ...known, fingerprint: reading?.fingerprint, hint };
  }
  return { present: program !== undefined, ...known, hint: status ? undefined : BY_EXIT_CODE };
}

const BY_EXIT_CODE = 'Only its exit code shows whether it worked. Give "store", "expiresAt" or "status" for more.';

/** A program that may be renewing a credential is not killed before this. */
const GRACE_MS = 60_000;

async function isAlive(context: ProviderContext, [program = '', ...args]: readonly string[]): Promise<boolean> {
  context.signal.throwIfAborted();
  const found = await findProgram(program, context);
  return (await context.exec(found ?? program, args, { graceMs: GRACE_MS })).exitCode === 0;
}
