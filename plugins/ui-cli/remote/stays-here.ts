const OF_THIS_SHELL = 'it is for the shell on this machine';
const OF_THAT_FOLDER = 'it is about files in the working directory. Run it there, in a terminal';

/** Commands that are never run on another machine, and why. */
export const STAYS_HERE: Readonly<Record<string, string>> = {
  prompt: 'it is too slow for a prompt to ask another machine. `keepalive status --host HOST` does',
  snippet: OF_THIS_SHELL,
  completion: OF_THIS_SHELL,
  run: 'it would end with the connection. `keepalive start --host HOST` starts a daemon that stays',
  tray: 'it needs the desktop of the machine that it is about',
  'config trust': OF_THAT_FOLDER,
  'config distrust': OF_THAT_FOLDER,
  'plugin new': OF_THAT_FOLDER,
  'plugin test': OF_THAT_FOLDER,
};
