import type { CommandResult, Command, CommandContext } from '../../context/command.ts';
import { EXIT } from '../../context/exit.ts';
import { wrap } from '../../render/width.ts';
import { isKeepaliveError, KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { KernelInfo } from '../../../../sdk/contract/rpc.ts';
import { relative } from '../../../../sdk/wording/time.ts';
import { checkConfig } from '../../processes/connections.ts';
import { describeBeside, HAND_OVER } from '../../service/beside.ts';
import { lastRefusal, type RefusedStart } from '../../service/last-refusal.ts';
import { removeDefinition, writeDefinition } from '../../service/definition.ts';
import { checkService, registrationHere } from '../../service/here.ts';
import type { Registration, Step } from '../../service/types.ts';
import { commandLine, perform, requireReachable } from '../../service/steps.ts';
import { noteLeftOut } from '../../context/unused-config.ts';
import { awaitInfo, infoOf } from '../run/start.ts';
import { stopDaemon } from '../run/stop.ts';

export const serviceInstall: Command = async context => {
  const { env, options } = context;
  const registration = registrationHere(context);
  const { manager, name, install, notes } = registration;
  await noteLeftOut(context);
  if (options.print) return plan(registration, 'written', install);
  await requireReachable(registration, env);
  const before = await checkService(registration, env);
  const running = await infoOf(context);
  if (before.installed && before.current && running && running.byService !== false) {
    return answer(
      { changed: false, pid: running.pid },
      registration,
      `It is already installed as ${name} and running (process ${running.pid}).`,
    );
  }
  await checkConfig(context.system, context.options.config, context.home.log);
  // A daemon that was started another way would block the service.
  if (running) await stopDaemon(context);
  const { pid } = await handOver(context, registration).catch(async (error: unknown) => {
    if (running) await startAgain(context, running);
    throw error;
  });
  return answer(
    { changed: true, pid },
    registration,
    [`${manager} keeps it running from now on, as ${name} (process ${pid}).`, ...notes].join('\n'),
  );
};

/** Has the manager start the daemon. Rejects if none answers then. */
async function handOver(context: CommandContext, registration: Registration): Promise<KernelInfo> {
  const { log } = context.home;
  await writeDefinition(registration);
  await perform(registration.install, context.env);
  return awaitInfo(context, new KeepaliveError('KA_RPC_NO_DAEMON')).catch(async (error: unknown) => {
    if (!isKeepaliveError(error) || error.code !== 'KA_RPC_NO_DAEMON') throw error;
    const refusal = await lastRefusal(log);
    const why = refusal
      ? `its start was refused: ${refusal.reason}`
      : `no daemon answers yet. \`keepalive logs\` may show why: ${log}`;
    throw new Error(`It is installed (${registration.file.path}), but ${why}`);
  });
}

/** The manager has failed, so a daemon runs without it, as the one before did. */
async function startAgain({ system, home, screen }: CommandContext, { configFile }: KernelInfo): Promise<void> {
  const start = { mode: 'daemon', configFile: configFile ?? undefined, demo: false, logFile: home.log } as const;
  const daemon = await system.spawn(start).catch(() => undefined);
  daemon?.release();
  screen.note(
    daemon
      ? `The daemon runs again as before (process ${daemon.pid}), without the service.`
      : 'The daemon that ran before was stopped. Start it with `keepalive start`.',
  );
}

export const serviceUninstall: Command = async context => {
  const { env, options } = context;
  const registration = registrationHere(context);
  const { manager, name, uninstall, forget } = registration;
  if (options.print) return plan(registration, 'removed', [...uninstall, ...forget]);
  const { present, installed } = await checkService(registration, env);
  if (!present) return answer({ changed: false }, registration, 'It is not installed, so there is nothing to remove.');
  // Use the API if possible: on Windows nothing else stops the daemon cleanly.
  if (installed && (await infoOf(context))) await stopDaemon(context);
  await removeService(registration, env);
  return answer(
    { changed: true },
    registration,
    `Removed ${name} from ${manager}. No session is kept alive now; \`keepalive start\` does so until you log out.`,
  );
};

/** Ends and removes the service. Its daemon must have been stopped. */
export async function removeService(registration: Registration, env: CommandContext['env']): Promise<void> {
  await perform(registration.uninstall, env);
  await removeDefinition(registration);
  await perform(registration.forget, env);
}

export const serviceStatus: Command = async context => {
  const registration = registrationHere(context);
  if (context.options.print) return plan(registration, 'checked', [registration.query]);
  const [{ installed, current }, running] = await Promise.all([
    checkService(registration, context.env),
    infoOf(context),
  ]);
  const { manager, name, file } = registration;
  const refusal = installed && !running ? await lastRefusal(context.home.log) : undefined;
  const text = [
    installed
      ? `Installed: ${manager} starts it as ${name}.`
      : `Not installed. With \`keepalive service install\`, ${manager} starts it whenever you log in.`,
    running ? `Running: process ${running.pid}.` : notRunning(installed, refusal),
    ...(refusal ? [`Its last start was refused, ${relative(refusal.at, context.now())}: ${refusal.reason}`] : []),
    ...(installed && running?.byService === false
      ? [`${describeBeside(registration, running)}. \`${HAND_OVER}\` hands it over.`]
      : []),
    ...(installed && !current
      ? [`${file.path} is out of date: \`keepalive service install\` brings it up to date.`]
      : []),
  ];
  return {
    ...answer(
      {
        installed,
        current,
        running: running !== undefined,
        ...(running && { pid: running.pid, byService: running.byService }),
        ...(refusal && { refused: refusal }),
      },
      registration,
      text.join('\n'),
    ),
    exitCode: installed && !running ? EXIT.noDaemon : EXIT.fine,
  };
};

const notRunning = (installed: boolean, refusal: RefusedStart | undefined): string =>
  `Not running: no daemon answers.${installed && !refusal ? ' `keepalive logs` may show why.' : ''}`;

const answer = (facts: object, { manager, name, file }: Registration, text: string): CommandResult => ({
  document: { manager, name, file: file.path, ...facts },
  text: ({ width }) =>
    text
      .split('\n')
      .map(line => wrap(line, width))
      .join('\n'),
});

/** Shows what would be done, so that the user can review it first. */
function plan({ manager, name, file, notes }: Registration, fate: string, steps: readonly Step[]): CommandResult {
  const text = file.text.replace('\ufeff', '');
  return {
    document: {
      manager,
      name,
      file: { path: file.path, text },
      commands: steps.map(({ program, args }) => [program, ...args]),
      notes,
    },
    text: ({ width }) =>
      [
        `# ${file.path}, which would be ${fate}:`,
        '',
        text.trimEnd(),
        '',
        '# Commands that would be run:',
        '',
        ...steps.map(commandLine),
        '',
        ...notes.map(note => wrap(`# ${note}`, width, '# ')),
      ].join('\n'),
  };
}
