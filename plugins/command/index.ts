import { z } from 'zod';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import {
  defineProvider,
  type InspectContext,
  type ProviderContext,
  type ProviderPlugin,
  type RefreshOutcome,
} from '../../sdk/plugin/provider.ts';
import { findProgram, touch, type StoreReading } from '../../sdk/recipes/cli/touch.ts';
import { dueAt } from '../../sdk/recipes/store/lifetime.ts';
import {
  fingerprintOf,
  readInstant,
  readJsonFile,
  realWait,
  valueAt,
  type Wait,
} from '../../sdk/recipes/store/json-store.ts';

const commandLine = z
  .array(z.string())
  .min(1)
  .refine(([program]) => program !== '', 'Name a program.');

const Options = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'Use lower-case letters, digits and dashes.'),
    displayName: z.string().min(1).optional(),
    /** The program that renews its own credential, and its arguments; no shell. */
    run: commandLine,
    /** The file that it keeps its credential in. */
    store: z.string().min(1).optional(),
    /** Where in the store the expiry is: `json:` and keys joined by dots. */
    expiresAt: z
      .string()
      .regex(/^json:[^.]+(\.[^.]+)*$/, 'Write json: and keys joined by dots, e.g. `json:token.expiry`.')
      .optional(),
    /** Ends with 0 where the session is alive. */
    status: commandLine.optional(),
    /** Runs it at every tick, also where nothing is due. */
    always: z.boolean().default(false),
  })
  .refine(({ expiresAt, store }) => expiresAt === undefined || store !== undefined, {
    path: ['expiresAt'],
    message: 'It is looked for in the "store": name that too.',
  });

export type CommandOptions = z.input<typeof Options>;

/** Keeps a session alive by running a command, judged by what can be seen of it. */
export default function command(options: CommandOptions, wait: Wait = realWait): ProviderPlugin {
  const {
    id,
    displayName = id,
    run: [name = '', ...args],
    store,
    expiresAt,
    status,
    always,
  } = checkOptions(Options, options);
  const loginHint = `Sign in with ${name}.`;

  async function read({ files }: InspectContext): Promise<StoreReading | undefined> {
    if (store === undefined) return { fingerprint: '' };
    if (expiresAt === undefined) {
      const text = await files.read(store);
      return text === undefined ? undefined : { fingerprint: fingerprintOf(text) };
    }
    const found = await readJsonFile(files, store, wait);
    return (
      found && {
        fingerprint: fingerprintOf(found.text),
        expiresAt: readInstant(valueAt(found.json, expiresAt.slice('json:'.length))),
      }
    );
  }

  /** Whether the store or the status calls for it. Without either, every tick does. */
  async function needsIt(context: ProviderContext, reading: StoreReading): Promise<boolean> {
    const due = dueAt({ ...reading, last: context.last }, context.refreshBefore);
    if (due !== undefined) return context.now() >= due;
    return !(status && (await isAlive(context, status)));
  }

  /** Without a store there are its status and, for want of anything better, its exit code to go by. */
  async function runBlindly(context: ProviderContext, program: string): Promise<RefreshOutcome> {
    context.signal.throwIfAborted();
    const { exitCode, timedOut } = await context.exec(program, args, { graceMs: 60_000 });
    if (status ? await isAlive(context, status) : exitCode === 0)
      return { status: 'refreshed', method: status ? 'touch' : 'exit code' };
    throw new KeepaliveError('KA_PROGRAM_FAILED', { program, exitCode, timedOut });
  }

  return defineProvider({
    id,
    displayName,
    policy: { schedule: { mode: 'interval', every: '30m' }, timeout: '150s' },

    async refresh(context) {
      const program = await findProgram(name, context);
      if (!program) return { status: 'unavailable', hint: `There is no ${name}. Install it, or give its path.` };
      const reading = await read(context);
      if (!reading) return { status: 'unavailable', hint: `There is no ${store}. ${loginHint}` };
      const isNeeded = await needsIt(context, reading);
      if (!isNeeded && !always && !context.force)
        return { status: 'fresh', expiresAt: reading.expiresAt, method: 'touch' };
      if (store === undefined) return runBlindly(context, program);
      // Nothing had to change where nothing was due, or where nothing tells what is.
      const mayStay = !isNeeded || (expiresAt === undefined && !status);
      return touch(
        context,
        {
          program,
          args,
          loginHint,
          wait,
          read: () => read(context),
          async unchanged({ exitCode }) {
            if (mayStay) return exitCode === 0 ? { status: 'fresh', expiresAt: reading.expiresAt } : undefined;
            return expiresAt === undefined && status && (await isAlive(context, status))
              ? { status: 'refreshed' }
              : undefined;
          },
        },
        reading,
      );
    },

    async inspect(context) {
      const [program, reading] = await Promise.all([findProgram(name, context), read(context)]);
      const method = store === undefined && !status ? 'exit code' : 'touch';
      const known = {
        store: store && context.files.resolve(store),
        owner: name,
        program,
        method,
        expiresAt: reading?.expiresAt,
      };
      if (store !== undefined)
        return {
          present: reading !== undefined,
          ...known,
          fingerprint: reading?.fingerprint,
          ...(!reading && { hint: loginHint }),
        };
      const hint = status
        ? undefined
        : 'Only its exit code tells whether it worked. Give "store", "expiresAt" or "status" for more.';
      return { present: program !== undefined, ...known, hint };
    },

    watch: ({ files }, changed) => (store === undefined ? () => {} : files.watch(store, changed)),
  });
}

async function isAlive(context: ProviderContext, [program = '', ...args]: readonly string[]): Promise<boolean> {
  context.signal.throwIfAborted();
  const found = await findProgram(program, context);
  return (await context.exec(found ?? program, args, { graceMs: 60_000 })).exitCode === 0;
}
