import type { Command } from './command.ts';
import { parseCount, parseDemo, parseRecipe, parseSpan, RECIPES } from './options.ts';

type Option = {
  readonly flags: string;
  readonly about: string;
  readonly parse?: ((text: string) => unknown) | undefined;
  readonly initial?: number | undefined;
};

export type CommandEntry = {
  /** Its name and arguments; the members of a family have two names. */
  readonly usage: string;
  readonly about: string;
  readonly options?: readonly Option[];
  readonly load: () => Promise<Command>;
};

const PRACTICE = 'add a practice session on a server of its own';
const DEMO: Option = { flags: '--demo', about: PRACTICE };
const PRINT: Option = { flags: '--print', about: 'show the file and the commands, and do nothing' };
const limit = (initial: number): Option => ({
  flags: '-n, --limit <n>',
  about: 'how many',
  parse: parseCount,
  initial,
});

const SEE: readonly CommandEntry[] = [
  {
    usage: 'status [id]',
    about: 'show all sessions, or one in full',
    options: [{ flags: '-w, --watch', about: 'keep showing' }],
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    usage: 'check [ids...]',
    about: 'look once and tell by the exit code whether all is well; needs no daemon',
    options: [{ flags: '--refresh', about: 'also renew what is due' }],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    usage: 'plan',
    about: 'what would happen when, and why',
    options: [{ flags: '--for <duration>', about: 'how far ahead', parse: parseSpan, initial: 86_400_000 }],
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  {
    usage: 'explain <id>',
    about: 'why the next attempt is when it is',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    usage: 'history [id]',
    about: 'past attempts, newest first',
    options: [limit(20)],
    load: async () => (await import('./commands/history.ts')).history,
  },
  {
    usage: 'logs',
    about: 'what the daemon wrote down',
    options: [{ flags: '-f, --follow', about: 'keep showing' }, limit(100)],
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  {
    usage: 'doctor',
    about: 'look at tools, credentials and this machine, and say what to do',
    options: [{ flags: '--bundle [file]', about: 'write all that helps to find a fault into a file, without secrets' }],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    usage: 'ui',
    about: 'open the settings page in the browser',
    options: [
      { flags: '--print', about: 'print its one-time link instead' },
      { flags: '--close', about: 'close all open pages' },
    ],
    load: async () => (await import('./commands/ui.ts')).ui,
  },
  {
    usage: 'prompt',
    about: 'one short line for a shell prompt, tmux or waybar',
    options: [
      {
        flags: '--format <text>',
        about: 'waybar, or a text with {symbol} {summary} {alive} {total} {trouble} {next} {ids}',
      },
    ],
    load: async () => (await import('./commands/prompt.ts')).prompt,
  },
];

const ACT: readonly CommandEntry[] = [
  {
    usage: 'refresh [ids...]',
    about: 'attempt now and wait for the outcome; without ids, all that are not paused',
    options: [
      { flags: '-f, --force', about: 'renew even if nothing is due' },
      { flags: '-a, --all', about: 'the same as no ids' },
    ],
    load: async () => (await import('./commands/refresh.ts')).refresh,
  },
  {
    usage: 'pause <id>',
    about: 'leave a session alone',
    load: async () => (await import('./commands/pause.ts')).pause,
  },
  {
    usage: 'resume <id>',
    about: 'keep a paused or halted session alive again',
    load: async () => (await import('./commands/pause.ts')).resume,
  },
  {
    usage: 'set <id> <key=value...>',
    about: 'change how it is kept alive, e.g. schedule=interval:30m enabled=false',
    load: async () => (await import('./commands/set.ts')).set,
  },
  {
    usage: 'unset <id> <keys...>',
    about: 'go back to what the configuration says',
    load: async () => (await import('./commands/set.ts')).unset,
  },
];

const RUN: readonly CommandEntry[] = [
  {
    usage: 'run',
    about: 'keep sessions alive in the foreground, and show it',
    options: [{ flags: '--demo [auto]', about: `${PRACTICE}; auto: only where nobody is signed in`, parse: parseDemo }],
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    usage: 'start',
    about: 'keep sessions alive in the background',
    options: [DEMO],
    load: async () => (await import('./commands/start.ts')).start,
  },
  {
    usage: 'stop',
    about: 'end the daemon',
    load: async () => (await import('./commands/stop.ts')).stop,
  },
  {
    usage: 'restart',
    about: 'end the daemon and start it again',
    options: [DEMO],
    load: async () => (await import('./commands/restart.ts')).restart,
  },
  {
    usage: 'tray',
    about: 'show the sessions in a tray icon, from which they can be steered',
    load: async () => (await import('./commands/tray.ts')).tray,
  },
];

const SET_UP: readonly CommandEntry[] = [
  {
    usage: 'config show',
    about: 'the values in force, and where each comes from',
    load: async () => (await import('./commands/config.ts')).configShow,
  },
  {
    usage: 'config path',
    about: 'the configuration file in use',
    load: async () => (await import('./commands/config.ts')).configPath,
  },
  {
    usage: 'config trust [file]',
    about: 'trust the configuration in the working directory as it is now',
    load: async () => (await import('./commands/config-trust.ts')).configTrust,
  },
  {
    usage: 'config distrust [file]',
    about: 'withdraw that trust',
    load: async () => (await import('./commands/config-trust.ts')).configDistrust,
  },
  {
    usage: 'config init',
    about: 'write a configuration to start from',
    load: async () => (await import('./commands/config-init.ts')).configInit,
  },
  {
    usage: 'plugin list',
    about: 'the plugins that are loaded',
    load: async () => (await import('./commands/plugin-list.ts')).pluginList,
  },
  {
    usage: 'plugin new <name>',
    about: 'make a folder with a working plugin and its test',
    options: [{ flags: '--recipe <name>', about: `one of ${RECIPES.join(', ')} [custom]`, parse: parseRecipe }],
    load: async () => (await import('./commands/plugin-new.ts')).pluginNew,
  },
  {
    usage: 'plugin test <path>',
    about: 'put a plugin to the contract of every provider',
    load: async () => (await import('./commands/plugin-test.ts')).pluginTest,
  },
  {
    usage: 'service install',
    about: 'have the daemon started whenever you log in',
    options: [PRINT],
    load: async () => (await import('./commands/service.ts')).serviceInstall,
  },
  {
    usage: 'service uninstall',
    about: 'take that back, and end the daemon',
    options: [PRINT],
    load: async () => (await import('./commands/service.ts')).serviceUninstall,
  },
  {
    usage: 'service status',
    about: 'whether it is installed, and runs',
    options: [PRINT],
    load: async () => (await import('./commands/service.ts')).serviceStatus,
  },
  {
    usage: 'completion <shell>',
    about: 'a completion script for bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
];

/** Every command there is, in groups: what the program, its help and the completions are made from. */
export const COMMANDS: Readonly<Record<string, readonly CommandEntry[]>> = {
  See: SEE,
  Act: ACT,
  Run: RUN,
  'Set up': SET_UP,
};

/** What families of commands are for. */
export const FAMILIES: Readonly<Record<string, string>> = {
  config: 'see where the values in force come from, or begin a configuration',
  plugin: 'see the plugins, or make and try one of your own',
  service: 'have the daemon started whenever you log in',
};
