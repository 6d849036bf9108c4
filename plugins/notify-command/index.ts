import { hostname } from 'node:os';
import { basename } from 'node:path';
import { z } from 'zod';
import { isDuration, toMs, type Duration } from '../../sdk/contract/duration.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { expandHome } from '../../sdk/system/home.ts';
import { defineNotifier, type NotifierContext, type NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { digestOf, type NoticeEvent } from '../../sdk/wording/digest.ts';

const LIMIT_MS = 10_000;

const Options = z.strictObject({
  id: z.string().default('notify-command'),
  /** The program and its arguments. No shell is involved. */
  run: z
    .array(z.string())
    .min(1)
    .refine(([program]) => program !== '', 'Name a program.'),
  /** The time limit. */
  timeout: z
    .custom<Duration>(
      value => typeof value === 'string' && isDuration(value) && toMs(value) <= LIMIT_MS,
      'Write a duration of at most 10s.',
    )
    .default('10s'),
});

export type NotifyCommandOptions = z.input<typeof Options>;

/**
 * Runs the user's program for each notice, with `{"event":"raise"|"clear","machine":…,"notice":{…}}` on standard input.
 * Several notices at once are one run: `notice` sums them up, and `notices` has each.
 */
export default function notifyCommand(options: NotifyCommandOptions): NotifierPlugin {
  const {
    id,
    run: [name = '', ...args],
    timeout,
  } = checkOptions(Options, options);
  const program = name.startsWith('~') ? expandHome(name) : name;

  async function run(given: Omit<NoticeEvent, 'machine'>, { exec, signal }: NotifierContext): Promise<void> {
    const event: NoticeEvent = { ...given, machine: hostname() };
    const { exitCode, timedOut } = await exec(program, args, {
      input: `${JSON.stringify(event)}\n`,
      timeoutMs: toMs(timeout),
      graceMs: 1_000,
      signal,
    });
    if (exitCode !== 0) throw new KeepaliveError('KA_PROGRAM_FAILED', { program, exitCode, timedOut });
  }

  return defineNotifier({
    id,
    place: `through ${basename(program)}`,
    raise: (notice, context) => run({ event: 'raise', notice }, context),
    raiseMany: (notices, context) => run({ event: 'raise', notice: digestOf(notices), notices }, context),
    clear: (notice, context) => run({ event: 'clear', notice }, context),
  });
}
