import { locateHome, type Home } from '../../../sdk/system/home.ts';
import { printable } from '../../../sdk/base/printable.ts';
import { daemonPresence } from './daemon-presence.ts';
import { problemOf } from './format.ts';
import { readStates } from './states-file.ts';
import { renderPrompt, type PromptFacts } from './summary.ts';

/** What `prompt` prints, for the options that a shell prompt uses. Others need the full command: undefined. */
export function quickPrompt(argv: readonly string[]): string | undefined {
  const options = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const [, name, joined] = /^--(format|home)(?:=(.*))?$/s.exec(argv[at] ?? '') ?? [];
    const value = joined ?? argv[(at += 1)];
    if (!name || value === undefined) return undefined;
    options.set(name, value);
  }
  const [given, format] = [options.get('home'), options.get('format')];
  if (format !== undefined && problemOf(format) !== undefined) return undefined;
  const home = findHome(given ? { ...process.env, KEEPALIVE_HOME: given } : process.env);
  const line = home && renderPrompt(promptFacts(home, Date.now()), format);
  return line && `${printable(line)}\n`;
}

/** Two small files are read. Nothing is asked of the daemon. */
export const promptFacts = (home: Pick<Home, 'states' | 'endpoint'>, now: number): PromptFacts => ({
  states: readStates(home.states),
  daemon: daemonPresence(home.endpoint),
  now,
});

/** Undefined without a home; the full command reports why. */
function findHome(env: NodeJS.ProcessEnv): Home | undefined {
  try {
    return locateHome(env);
  } catch {
    return undefined;
  }
}
