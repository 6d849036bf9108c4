import type { CommandTable } from '../context/command.ts';
import { ACT } from './act/entries.ts';
import { RUN } from './run/entries.ts';
import { SEE } from './see/entries.ts';
import { SETUP } from './setup/entries.ts';

/** All commands. The program, its help and the completion scripts are made from this table. */
export const COMMANDS: CommandTable = {
  See: SEE,
  Act: ACT,
  Run: RUN,
  'Set up': SETUP,
};

/** Descriptions of the families: the commands whose names have two words. */
export const FAMILIES: Readonly<Record<string, string>> = {
  config: 'show, trust or create a configuration',
  plugin: 'list the plugins, or create and test your own',
  notify: 'send a test notice, or switch notices on and off',
  service: 'start the daemon whenever you log in',
};
