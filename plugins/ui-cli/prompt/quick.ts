import { expandHome, locateHome, type Home } from '../../../sdk/system/home.ts';
import { daemonPresence } from './daemon-presence.ts';
import type { PromptFacts } from './doubt.ts';
import { parseFormat, type Format } from './format.ts';
import { readStates } from './states-file.ts';
import { summaryOf, surveyOf } from './summary.ts';
import { printFor } from './targets.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What `prompt` prints, for the options that a shell prompt uses. Others need the full command: undefined. */
export function quickPrompt(argv: readonly string[], env: Env = process.env): string | undefined {
  const options = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const [, name, joined] = /^--(format|home|config|no-color)(?:=(.*))?$/s.exec(argv[at] ?? '') ?? [];
    const value = joined ?? (name === 'no-color' ? '' : argv[(at += 1)]);
    if (!name || value === undefined) return undefined;
    options.set(name, value);
  }
  const [given, format] = [options.get('home'), parseFormat(options.get('format'))];
  if ('problem' in format) return undefined;
  const home = findHome(given ? { ...env, KEEPALIVE_HOME: given } : env);
  const facts = home && promptFacts(home, Date.now());
  return facts && ended(renderPrompt(facts, format, { env, home: given, colour: !options.has('no-color') }));
}

const ended = (text: string): string => (text === '' ? '' : `${text}\n`);

type Surroundings = {
  readonly env: Env;
  /** The home that was given. */
  readonly home: string | undefined;
  readonly colour: boolean;
};

/** What `prompt` prints. Its text has no control characters but the colours of the target. */
export function renderPrompt(
  facts: PromptFacts,
  { target, text }: Format,
  { env, home, colour }: Surroundings,
): string {
  const survey = surveyOf(facts);
  const own = home ?? env['KEEPALIVE_HOME'];
  return printFor(target, {
    text: summaryOf(survey, text).text,
    survey,
    colour: colour && !env['NO_COLOR'],
    command: {
      program: [process.execPath, ...process.argv.slice(1, 2)],
      after: own ? ['--home', expandHome(own)] : [],
    },
  });
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
