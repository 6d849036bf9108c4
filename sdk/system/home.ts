import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { KeepaliveError } from '../contract/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where one instance keeps its files. Two instances with different homes never meet. */
export type Home = {
  /** Where `keepalive.config.*` is looked for first. */
  readonly configDir: string;
  /** Contains everything that the kernel writes. */
  readonly stateDir: string;
  readonly endpoint: string;
  readonly states: string;
  /** The last changes of the states. */
  readonly changes: string;
  readonly settings: string;
  readonly history: string;
  /** The last port of the API, and the settings pages that are open. */
  readonly pages: string;
  /** What happened to each session on each day. */
  readonly days: string;
  /** What notifiers have still to deliver, and how a message is withdrawn. */
  readonly notices: string;
  /** What the warm-ups have done, and when their accounts last got a prompt. */
  readonly warmUps: string;
  /** What identifies this installation in a fleet. */
  readonly fleet: string;
  /** The token of the `metrics` plugin. */
  readonly metricsToken: string;
  readonly log: string;
  readonly journal: string;
  /** The records of `config trust`. */
  readonly trusted: string;
};

/** The user's home folder. Undefined if none is known, as for a container's user without a passwd entry. */
export function findUserHome(env: Env = process.env): string | undefined {
  for (const source of [() => env['HOME'], homedir, () => userInfo().homedir]) {
    try {
      const found = source();
      // With a relative one, each working directory would be another home.
      if (found && isAbsolute(found)) return found;
    } catch {
      // No such user. The next source may know one.
    }
  }
  return undefined;
}

/** The same, but throws `KA_HOME_UNUSABLE` if there is none. */
export function locateUserHome(env?: Env): string {
  const found = findUserHome(env);
  if (found) return found;
  const reason = 'HOME is not set, and the system knows no home of this user; setting HOME helps too';
  throw new KeepaliveError('KA_HOME_UNUSABLE', { reason });
}

/** The path with a leading `~` replaced by the user's home, made absolute. */
export const expandHome = (path: string, userHome?: string): string =>
  resolve(/^~(?=$|[\\/])/.test(path) ? join(userHome ?? locateUserHome(), path.slice(1)) : path);

/** The home of this instance: one folder with `KEEPALIVE_HOME`, otherwise the platform's own. Throws without either. */
export function locateHome(env: Env = process.env): Home {
  const own = env['KEEPALIVE_HOME'] && expandHome(env['KEEPALIVE_HOME'], findUserHome(env));
  const { configDir, stateDir } = own ? { configDir: own, stateDir: own } : platformFolders(env, process.platform);
  const file = (name: string) => join(stateDir, name);
  return {
    configDir,
    stateDir,
    endpoint: file('endpoint.json'),
    states: file('states.json'),
    changes: file('states-changes.jsonl'),
    settings: file('settings.json'),
    history: file('history.jsonl'),
    pages: file('pages.json'),
    days: file('days.json'),
    notices: file('notices.json'),
    warmUps: file('warmup.json'),
    fleet: file('fleet.json'),
    metricsToken: file('metrics.token'),
    log: file('keepalived.log'),
    journal: file('journal'),
    trusted: file('trusted'),
  };
}

/** The platform's folders, as in env-paths. That package cannot be loaded if the user has no home. */
export function platformFolders(env: Env, platform: NodeJS.Platform): Pick<Home, 'configDir' | 'stateDir'> {
  const within = (given: string | undefined, ...usual: string[]) => given || join(locateUserHome(env), ...usual);
  switch (platform) {
    case 'darwin': {
      const library = within(undefined, 'Library');
      return {
        configDir: join(library, 'Preferences', 'keepalive'),
        stateDir: join(library, 'Application Support', 'keepalive'),
      };
    }
    case 'win32':
      return {
        configDir: join(within(env['APPDATA'], 'AppData', 'Roaming'), 'keepalive', 'Config'),
        stateDir: join(within(env['LOCALAPPDATA'], 'AppData', 'Local'), 'keepalive', 'Data'),
      };
    default:
      return {
        configDir: join(within(absolute(env['XDG_CONFIG_HOME']), '.config'), 'keepalive'),
        stateDir: join(within(absolute(env['XDG_DATA_HOME']), '.local', 'share'), 'keepalive'),
      };
  }
}

/** The XDG specification ignores relative folders. */
const absolute = (path: string | undefined): string | undefined => (path && isAbsolute(path) ? path : undefined);

/** A path for display, with `~` for the user's home folder. A description of a store stays as it is. */
export function withTilde(path: string, userHome: string | undefined): string {
  const home = userHome?.replace(/[/\\]+$/, '');
  if (!home || !path.startsWith(home)) return path;
  const rest = path.slice(home.length);
  return rest === '' || /^[/\\]/.test(rest) ? `~${rest}` : path;
}
