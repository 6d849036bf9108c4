import type { CommandEntry, OptionEntry } from '../../context/command.ts';
import { parseDemo } from '../../context/options.ts';

const PRACTICE = 'add a practice session with its own local server';
const DEMO: OptionEntry = { flags: '--demo', about: PRACTICE };

export const RUN: readonly CommandEntry[] = [
  {
    usage: 'run',
    about: 'keep sessions alive in the foreground and show them',
    options: [{ flags: '--demo [auto]', about: `${PRACTICE}; auto: only if nothing is signed in`, parse: parseDemo }],
    load: async () => (await import('./run.ts')).run,
  },
  {
    usage: 'start',
    about: 'keep sessions alive in the background',
    options: [DEMO],
    load: async () => (await import('./start.ts')).start,
  },
  {
    usage: 'stop',
    about: 'stop the daemon',
    load: async () => (await import('./stop.ts')).stop,
  },
  {
    usage: 'restart',
    about: 'stop the daemon and start it again',
    options: [DEMO],
    load: async () => (await import('./restart.ts')).restart,
  },
  {
    usage: 'tray',
    about: 'show the sessions in a tray icon with a menu',
    load: async () => (await import('./tray.ts')).tray,
  },
];
