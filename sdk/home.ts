import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/** Where one instance keeps its files. Two instances with different homes never meet. */
export type Home = {
  /** Where `keepalive.config.*` is looked for first. */
  readonly configDir: string;
  /** Where everything that the kernel writes is. */
  readonly stateDir: string;
  readonly endpoint: string;
  readonly states: string;
  readonly settings: string;
  readonly history: string;
  readonly log: string;
  readonly journal: string;
  /** What a person has agreed to with `config trust`. */
  readonly trusted: string;
};

/** The path with a leading `~` replaced by the user's home, made absolute. */
export const expandHome = (path: string, userHome: string = homedir()): string =>
  resolve(/^~(?=$|[\\/])/.test(path) ? join(userHome, path.slice(1)) : path);

/** The home of this instance: one folder for everything with `KEEPALIVE_HOME`, otherwise the platform's own. */
export function locateHome(env: Readonly<Record<string, string | undefined>> = process.env): Home {
  const own = env['KEEPALIVE_HOME'];
  const platform = envPaths('keepalive', { suffix: '' });
  const stateDir = own ? expandHome(own) : platform.data;
  const file = (name: string) => join(stateDir, name);
  return {
    configDir: own ? stateDir : platform.config,
    stateDir,
    endpoint: file('endpoint.json'),
    states: file('states.json'),
    settings: file('settings.json'),
    history: file('history.jsonl'),
    log: file('keepalived.log'),
    journal: file('journal'),
    trusted: file('trusted'),
  };
}
