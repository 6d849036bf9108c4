import { addHelp } from '../../adding/help.ts';
import type { CommandEntry, OptionEntry } from '../../context/command.ts';
import { KINDS, parseKind, parseRecipe, RECIPES } from '../../context/options.ts';

const PRINT: OptionEntry = { flags: '--print', about: 'print the file and the commands without running them' };

export const SETUP: readonly CommandEntry[] = [
  {
    usage: 'add [plugin] [option=value...]',
    about: 'keep another login alive, e.g. `keepalive add codex --home ~/.codex-work --id codex-work`',
    options: [
      { flags: '--id <id>', about: "the session's id [the name of the provider]" },
      { flags: '-y, --yes', about: 'switch a warm-up on without being asked' },
    ],
    help: addHelp,
    load: async () => (await import('./add.ts')).add,
  },
  {
    usage: 'remove <id>',
    about: 'remove a session or a warm-up that was added so; the login stays as it is',
    load: async () => (await import('./add.ts')).remove,
  },
  {
    usage: 'config show',
    about: 'show the effective values, and where each comes from',
    load: async () => (await import('./config.ts')).configShow,
  },
  {
    usage: 'config path',
    about: 'print the path of the configuration file in use',
    load: async () => (await import('./config.ts')).configPath,
  },
  {
    usage: 'config trust [file]',
    about: 'trust the configuration in the working directory as it is now',
    load: async () => (await import('./config-trust.ts')).configTrust,
  },
  {
    usage: 'config distrust [file]',
    about: 'withdraw that trust',
    load: async () => (await import('./config-trust.ts')).configDistrust,
  },
  {
    usage: 'config init',
    about: 'write a configuration to start from',
    load: async () => (await import('./config.ts')).configInit,
  },
  {
    usage: 'plugin list',
    about: 'list the loaded plugins',
    load: async () => (await import('./plugin.ts')).pluginList,
  },
  {
    usage: 'plugin new <name>',
    about: 'create a folder with a working plugin and its test',
    options: [
      { flags: '--recipe <name>', about: `one of ${RECIPES.join(', ')} [custom]`, parse: parseRecipe },
      { flags: '--kind <kind>', about: `one of ${KINDS.join(', ')} [provider]`, parse: parseKind },
    ],
    load: async () => (await import('./plugin-new.ts')).pluginNew,
  },
  {
    usage: 'plugin test <module>',
    about: 'run the contract tests on a plugin: a file, a folder, a package or a built-in',
    options: [{ flags: '--options <json>', about: 'its options: a JSON object, or @FILE with one [{}]' }],
    load: async () => (await import('./plugin.ts')).pluginTest,
  },
  {
    usage: 'service install',
    about: 'start the daemon whenever you log in',
    options: [PRINT],
    load: async () => (await import('./service.ts')).serviceInstall,
  },
  {
    usage: 'service uninstall',
    about: 'remove the service and stop the daemon',
    options: [PRINT],
    load: async () => (await import('./service.ts')).serviceUninstall,
  },
  {
    usage: 'service status',
    about: 'show whether the service is installed and running',
    options: [PRINT],
    load: async () => (await import('./service.ts')).serviceStatus,
  },
  {
    usage: 'uninstall',
    about: 'stop the daemon and remove its files and service; no credential is touched',
    options: [
      { flags: '-y, --yes', about: 'do not ask' },
      { flags: '--config-too', about: 'also remove the configuration' },
    ],
    load: async () => (await import('./uninstall.ts')).uninstall,
  },
  {
    usage: 'snippet [tool]',
    about: 'print what shows the sessions in a shell prompt, tmux or a status bar; without a tool, list the tools',
    load: async () => (await import('./snippet.ts')).snippet,
  },
  {
    usage: 'completion <shell>',
    about: 'print a completion script for bash, zsh, fish or PowerShell',
    load: async () => (await import('./completion.ts')).completion,
  },
];
