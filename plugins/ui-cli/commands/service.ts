import type { Answer, Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wrap } from '../render/width.ts';
import { removeDefinition, writeDefinition } from '../service/definition.ts';
import { look, registrationHere } from '../service/here.ts';
import type { Registration, Step } from '../service/registration.ts';
import { inWords, perform, requireReachable } from '../service/steps.ts';
import { noteLeftOut } from '../unused-config.ts';
import { awaitInfo, infoOf } from './start.ts';
import { stopDaemon } from './stop.ts';

export const serviceInstall: Command = async context => {
  const { env, options, home } = context;
  const registration = registrationHere(context);
  const { manager, name, file, install, notes } = registration;
  await noteLeftOut(context);
  if (options.print) return plan(registration, 'written', install);
  await requireReachable(registration, env);
  const before = await look(registration, env);
  const running = await infoOf(context);
  if (before.installed && before.current && running) {
    return answer(
      { changed: false, pid: running.pid },
      registration,
      `It is installed already, as ${name}, and runs (process ${running.pid}).`,
    );
  }
  if (running) await stopDaemon(context); // One that was started otherwise would keep this one from running.
  await writeDefinition(registration);
  await perform(install, env);
  const silent = new Error(
    `It is installed (${file.path}), but no daemon answers yet. \`keepalive logs\` may say why: ${home.log}`,
  );
  const { pid } = await awaitInfo(context, silent);
  return answer(
    { changed: true, pid },
    registration,
    [`${manager} keeps it running from now on, as ${name} (process ${pid}).`, ...notes].join('\n'),
  );
};

export const serviceUninstall: Command = async context => {
  const { env, options } = context;
  const registration = registrationHere(context);
  const { manager, name, uninstall, forget } = registration;
  if (options.print) return plan(registration, 'removed', [...uninstall, ...forget]);
  const { present, installed } = await look(registration, env);
  if (!present) return answer({ changed: false }, registration, 'It is not installed, so there is nothing to remove.');
  // By the API, where it can be: on Windows nothing else ends it cleanly.
  if (installed && (await infoOf(context))) await stopDaemon(context);
  await perform(uninstall, env);
  await removeDefinition(registration);
  await perform(forget, env);
  return answer(
    { changed: true },
    registration,
    `Removed: ${manager} knows nothing of ${name} any more. No session is kept alive now; \`keepalive start\` does so until you log out.`,
  );
};

export const serviceStatus: Command = async context => {
  const registration = registrationHere(context);
  if (context.options.print) return plan(registration, 'looked at', [registration.query]);
  const [{ installed, current }, running] = await Promise.all([look(registration, context.env), infoOf(context)]);
  const { manager, name, file } = registration;
  const text = [
    installed
      ? `Installed: ${manager} starts it as ${name}.`
      : `Not installed. \`keepalive service install\` has ${manager} start it whenever you log in.`,
    running ? `Running: process ${running.pid}.` : 'Not running: no daemon answers.',
    ...(installed && !current
      ? [`${file.path} is not what would be written now: \`keepalive service install\` brings it up to date.`]
      : []),
  ];
  return {
    ...answer(
      { installed, current, running: running !== undefined, ...(running && { pid: running.pid }) },
      registration,
      text.join('\n'),
    ),
    exitCode: installed && !running ? EXIT.noDaemon : EXIT.fine,
  };
};

const answer = (facts: object, { manager, name, file }: Registration, text: string): Answer => ({
  document: { manager, name, file: file.path, ...facts },
  text: ({ width }) =>
    text
      .split('\n')
      .map(line => wrap(line, width))
      .join('\n'),
});

/** What would be done, for the person to look at first. */
function plan({ manager, name, file, notes }: Registration, fate: string, steps: readonly Step[]): Answer {
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
        ...steps.map(inWords),
        '',
        ...notes.map(note => wrap(`# ${note}`, width, '# ')),
      ].join('\n'),
  };
}
