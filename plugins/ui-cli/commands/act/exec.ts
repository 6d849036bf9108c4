import type { PluginInfo } from '../../../../sdk/contract/rpc.ts';
import type { CommandResult, Command } from '../../context/command.ts';
import { EXIT } from '../../context/exit.ts';
import { UsageError } from '../../context/options.ts';
import { chooseSessions, type Chosen } from '../../gate/choose-sessions.ts';
import { findProgram } from '../../gate/find-program.ts';
import { describeRefusal, exitCodeOfRefusals, refusalsOf } from '../../gate/refusal.ts';
import { renewFirst } from '../../gate/renew-first.ts';
import { oneLine } from '../../render/width.ts';

/** Becomes the command if the sessions that it needs pass, and refuses to start it otherwise. */
export const exec: Command = async context => {
  const { options, args, inherited, screen, now, platform } = context;
  const [command, ...rest] = args;
  if (command === undefined) throw new UsageError('Name the command to run: keepalive exec -- claude -p …');
  const { min = 0, wait, session: named } = options;
  const program = findProgram([command, ...rest], inherited, platform);
  if ('problem' in program) {
    screen.note(`${program.problem}.`);
    return refused([], program.exitCode);
  }
  const client = await context.kernel({ looksOnly: true });
  const chosen: Chosen = named
    ? { ids: [...new Set(named)], failed: [] }
    : await chooseSessions(client, command, inherited);
  const sessions = await renewFirst(context, client, chosen.ids, { min, wait });
  const refusals = refusalsOf(sessions, min, now());
  for (const refusal of refusals) screen.note(describeRefusal(refusal, min, now()));
  for (const problem of problemsBeside(chosen, command)) screen.note(oneLine(problem));
  const code = exitCodeOfRefusals(refusals, now());
  const isBlocked = chosen.failed.length > 0 || chosen.unkept !== undefined;
  if (code === EXIT.fine && !isBlocked) return { document: null, text: () => '', become: program };
  return refused(sessions, code === EXIT.fine ? EXIT.failing : code);
};

const refused = (document: unknown, exitCode: number): CommandResult => ({ document, text: () => '', exitCode });

function problemsBeside({ failed, unkept }: Chosen, command: string): readonly string[] {
  const isUnkept = `No session keeps the login that ${command} uses here. Run \`keepalive add ${unkept}\` with its`;
  return [
    ...failed.map(notLoaded),
    ...(unkept === undefined ? [] : [`${isUnkept} folder (--home DIR --id ID), or name the sessions with --session.`]),
  ];
}

const notLoaded = ({ id, module, error }: PluginInfo): string =>
  `${id || module}: The plugin was not loaded: ${error?.message ?? 'unknown cause'} Run \`keepalive doctor\`.`;
