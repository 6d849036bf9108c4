import { PLAIN_ID } from '../../sdk/base/plugin-id.ts';
import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { defineCommandSession } from '../../sdk/recipes/cli/define-command-session.ts';
import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';

const commandLine = z
  .array(z.string())
  .min(1)
  .refine(([program]) => program !== '', 'Name a program.');

const Options = z
  .strictObject({
    id: z.string().regex(PLAIN_ID, 'Use lower-case letters, digits and dashes.'),
    displayName: z.string().min(1).optional(),
    /** The program that renews its own credential, and its arguments. Run without a shell. */
    run: commandLine,
    /** The file that the program keeps its credential in. */
    store: z.string().min(1).optional(),
    /** Where the expiry is in the store: `json:` and keys joined by dots. */
    expiresAt: z
      .string()
      .regex(/^json:[^.]+(\.[^.]+)*$/, 'Write json: and keys joined by dots, e.g. `json:token.expiry`.')
      .optional(),
    /** A command that ends with 0 if the session is alive. */
    status: commandLine.optional(),
    /** Runs the command at every tick, even if nothing is due. */
    always: z.boolean().default(false),
  })
  .refine(({ expiresAt, store }) => expiresAt === undefined || store !== undefined, {
    path: ['expiresAt'],
    message: 'It is looked for in the "store": name that too.',
  });

export type CommandOptions = z.input<typeof Options>;

/** Keeps a session alive by running a command, and believes what the store or the status command shows. */
export default function command(options: CommandOptions, wait: Wait = realWait): ProviderPlugin {
  const { run, status, expiresAt, ...given } = checkOptions(Options, options);
  const session = {
    ...given,
    run: split(run),
    status: status && split(status),
    expiresAt: expiresAt?.slice('json:'.length),
    signIn: `Sign in with ${run[0]}.`,
  };
  return defineCommandSession(session, wait);
}

const split = ([program = '', ...args]: readonly string[]) => [program, ...args] as const;
