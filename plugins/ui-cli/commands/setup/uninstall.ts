import { rm, rmdir } from 'node:fs/promises';
import type { Command, CommandContext, CommandResult } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { wrap } from '../../render/width.ts';
import { checkService, registrationHere } from '../../service/here.ts';
import type { Registration } from '../../service/types.ts';
import { findOwnFiles, isStarting, type OwnFiles } from '../../uninstall/own-files.ts';
import { infoOf } from '../run/start.ts';
import { outdatedPid, stopIfRunning } from '../run/stop.ts';
import { removeService } from './service.ts';

export const uninstall: Command = async context => {
  const { home, screen, env } = context;
  const registration = await registrationToRemove(context);
  const running = await isRunning(context);
  const before = await findOwnFiles(home);
  const all = removedFiles(before, context);
  if (!registration && !running && all.length === 0) return nothingToDo(before);
  await confirm(context, planOf(before, { registration, running, context }));
  const pid = await stopIfRunning(context);
  if (registration) await removeService(registration, env);
  // Without its files, it would no longer be found, and a second daemon could start.
  if ((await isRunning(context)) || (await isStarting(home, context.now()))) throw new Error(STARTED);
  // Again: the daemon saves its states when it stops, and may have left a renewal in the journal.
  const found = await findOwnFiles(home);
  const removed = removedFiles(found, context);
  for (const file of removed) await rm(file, { force: true });
  for (const folder of found.folders) await rmdir(folder).catch(() => undefined);
  const kept = keptOf(found, context);
  if (found.unsaved.length > 0) screen.note(UNSAVED(home.journal));
  return {
    document: { removed, kept, service: registration !== undefined, stopped: pid !== undefined },
    text: ({ width }) =>
      [
        'Keepalive is removed from this account. Your tools stay signed in as they are now.',
        ...(kept.length > 0 ? ['Kept:', ...kept.map(path => `  ${path}`)] : []),
        'To remove the program: `npm uninstall --global session-keepalive`.',
      ]
        .map(line => (line.startsWith('  ') ? line : wrap(line, width)))
        .join('\n'),
  };
};

const nothingToDo = ({ configs, unsaved, others }: OwnFiles): CommandResult => ({
  document: { removed: [], kept: [...configs, ...unsaved, ...others], service: false, stopped: false },
  text: () =>
    [
      'There is nothing to remove.',
      ...(configs.length > 0 ? [`The configuration is kept: ${configs.join(', ')}`] : []),
    ].join('\n'),
});

const STARTED = 'A daemon was started meanwhile, so its files were left. Run `keepalive uninstall` again.';

const UNSAVED = (journal: string): string =>
  `${journal} is kept: it has notes of renewals that may not be in their credential files yet. ` +
  'Remove it once all your tools are signed in.';

/** The service of this home; undefined if none is installed, or none is supported here. */
async function registrationToRemove(context: CommandContext): Promise<Registration | undefined> {
  let registration: Registration;
  try {
    registration = registrationHere(context);
  } catch {
    return undefined;
  }
  const { present } = await checkService(registration, context.env);
  return present ? registration : undefined;
}

/** A daemon of an older version runs too, although it does not answer us. */
async function isRunning(context: CommandContext): Promise<boolean> {
  try {
    return (await infoOf(context)) !== undefined;
  } catch (error) {
    if (outdatedPid(error) === undefined) throw error;
    return true;
  }
}

const removedFiles = ({ files, configs }: OwnFiles, { options }: CommandContext): readonly string[] => [
  ...files,
  ...(options.configToo ? configs : []),
];

const keptOf = ({ configs, unsaved, others }: OwnFiles, { options }: CommandContext): readonly string[] => [
  ...(options.configToo ? [] : configs),
  ...unsaved,
  ...others,
];

type Found = {
  readonly registration: Registration | undefined;
  readonly running: boolean;
  readonly context: CommandContext;
};

/** What would happen, for the user to read before it does. */
function planOf(found: OwnFiles, { registration, running, context }: Found): string {
  const removed = removedFiles(found, context);
  const kept = keptOf(found, context);
  return [
    'This would:',
    ...(running ? ['  stop the daemon; no session is kept alive then'] : []),
    ...(registration ? [`  remove the service ${registration.name} (${registration.file.path})`] : []),
    ...(removed.length > 0 ? ['  remove these files:', ...removed.map(path => `    ${path}`)] : []),
    ...(kept.length > 0 ? ['It would keep:', ...kept.map(path => `    ${path}`)] : []),
    'No credential is touched: your tools stay signed in as they are now.',
  ].join('\n');
}

/** Rejects unless the user agrees. */
async function confirm({ options, screen, system }: CommandContext, plan: string): Promise<void> {
  if (options.yes) return;
  if (options.json) throw new UsageError('With --json, nothing is asked. Add --yes to uninstall.');
  screen.line(plan);
  const answer = await system.ask('Go on? [y/N] ');
  if (answer === undefined) throw new UsageError('There is no terminal to ask at. Add --yes to uninstall.');
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('Nothing was removed.');
}
