import { isatty } from 'node:tty';
import type { Command, CommandContext, CommandResult } from '../context/command.ts';
import { UsageError } from '../context/options.ts';
import { endBy, runToItsEnd } from '../gate/run-beside.ts';
import { scriptFor, sshArguments } from './command-line.ts';
import { sshFailure } from './failure.ts';
import { noteOn } from './note.ts';
import type { Place } from './place.ts';
import { NOT_CONNECTED, sshProgram, withLog } from './ssh.ts';
import { STAYS_HERE } from './stays-here.ts';
import { variablesFor } from './variables.ts';

/** The command with this name, run on another machine with our input, output and terminal. */
export const onHost =
  (place: Place, name: string): Command =>
  async context => {
    const why = STAYS_HERE[name];
    if (why !== undefined) throw new UsageError(`\`keepalive ${name}\` does not take --host: ${why}.`);
    if (name === 'ui' && !context.options.close) return (await import('./page.ts')).openPage(place, context);
    const exitCode = await runThere(place, name, context);
    return (await noteOn(exitCode, { place, name, context })) ?? answer(exitCode);
  };

/** Its answer is printed already. */
const answer = (exitCode: number): CommandResult => ({ document: undefined, text: () => '', exitCode });

/** The exit code of the command. Rejects if ssh fails, and does not return if a signal ends it. */
async function runThere({ host, remoteCommand, argv }: Place, name: string, context: CommandContext): Promise<number> {
  const isTerminal = isatty(0) && isatty(1);
  const variables = variablesFor({ env: context.env, out: process.stdout, isTerminal });
  const script = scriptFor({ remoteCommand }, argv, variables);
  const heard = listen();
  const { ended, report } = await withLog(async log => ({
    ended: await runToItsEnd(sshProgram(sshArguments(host, script, { isTerminal, logFile: log.file }), context)),
    report: await log.read(),
  }));
  if ('problem' in ended) throw new Error(`${ended.problem}.`);
  if ('signal' in ended) return endBy(ended.signal);
  if (ended.exitCode !== NOT_CONNECTED) return ended.exitCode;
  const signal = heard();
  if (signal !== undefined) return endBy(signal);
  // What `exec` has started may have this exit code itself. No other command has.
  if (name === 'exec' && report === '') return ended.exitCode;
  throw sshFailure(host, report);
}

/** The first signal that comes. ssh does not show which one ended it. */
function listen(): () => NodeJS.Signals | undefined {
  let first: NodeJS.Signals | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.once(name, () => (first ??= name));
  return () => first;
}
