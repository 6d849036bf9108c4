import { locateHome } from '../../../sdk/system/home.ts';
import { printable } from '../../../sdk/base/printable.ts';
import { readStates } from './states-file.ts';
import { renderPrompt } from './summary.ts';

/** What `prompt` prints, for the options that a shell prompt uses. Others need the full command: undefined. */
export function quickPrompt(argv: readonly string[]): string | undefined {
  const options = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const [, name, joined] = /^--(format|home)(?:=(.*))?$/s.exec(argv[at] ?? '') ?? [];
    const value = joined ?? argv[(at += 1)];
    if (!name || value === undefined) return undefined;
    options.set(name, value);
  }
  const home = options.get('home');
  const states = findStates(home ? { ...process.env, KEEPALIVE_HOME: home } : process.env);
  const line = states && renderPrompt(readStates(states), Date.now(), options.get('format'));
  return line && `${printable(line)}\n`;
}

/** Undefined without a home; the full command reports why. */
function findStates(env: NodeJS.ProcessEnv): string | undefined {
  try {
    return locateHome(env).states;
  } catch {
    return undefined;
  }
}
