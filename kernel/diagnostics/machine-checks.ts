import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../sdk/base/errno.ts';
import { describeMs } from '../../sdk/wording/duration.ts';
import { isFull, reasonInWords } from '../../sdk/wording/trouble.ts';
import type { PluginInfo } from '../../sdk/contract/rpc.ts';
import { tryToWrite } from '../../runtime/files/durable.ts';
import { ASIDE } from '../../runtime/files/quarantine.ts';
import { lookAtAccess, type Access } from '../../runtime/files/windows-acl.ts';
import { watchFinding } from '../../runtime/files/watch-limit.ts';
import type { ResolvedConfig } from '../../config/resolve.ts';
import { unknownZone } from '../../lifecycle/zone.ts';
import { afterRefusal } from '../../lifecycle/notice-rules.ts';
import type { KernelOptions, Refusal } from '../wiring/tokens.ts';
import { badCaFiles } from '../../runtime/capabilities/ca-files.ts';
import { error, info, ok, warning, type Findings } from './findings.ts';

/** What the checks of the machine look at. */
export type Machine = {
  readonly options: KernelOptions;
  readonly config: ResolvedConfig;
  /** Why the changed configuration is not in force. */
  readonly refusal?: Refusal | undefined;
  /** The ids of all sessions. */
  readonly sessions: readonly string[];
  readonly plugins: readonly PluginInfo[];
  /** How far our clock is ahead of the last server that answered, in milliseconds. */
  readonly skewMs: number | undefined;
};

type Check = (machine: Machine) => Findings | Promise<Findings>;

const SKEW_MS = 60_000;
const PROXY_VARIABLES = [
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'CODEX_CA_CERTIFICATE',
];

const node: Check = ({ options: { version } }) => {
  const { platform, arch, versions } = process;
  return [ok('node', `session-keepalive ${version}, Node ${versions.node} on ${platform} ${arch}`)];
};

const home: Check = async ({ options }) => {
  const { stateDir } = options.home;
  const facts = await stat(stateDir).catch(() => undefined);
  if (!facts) return [info('home', `${stateDir} does not exist yet; the daemon makes it`)];
  const refused = await tryToWrite(stateDir).then(() => undefined, errnoOf);
  if (refused !== undefined) return [unwritable(stateDir, refused)];
  if (process.platform === 'win32') return [describeAccess(stateDir, await lookAtAccess(stateDir))];
  const isOpen = (facts.mode & 0o077) !== 0;
  return [
    isOpen ? warning('home', `${stateDir} can be read by others`, `chmod 700 ${stateDir}`) : ok('home', stateDir),
  ];
};

const unwritable = (stateDir: string, reason: string): Findings[number] =>
  error(
    'home',
    `${stateDir} cannot be written: ${reasonInWords(reason)}, so nothing is kept of what happens`,
    isFull(reason) ? 'Free some space' : 'Make it writable, or use another home, with --home or KEEPALIVE_HOME',
  );

/** Windows has lists of access instead of modes. */
export function describeAccess(stateDir: string, access: Access): Findings[number] {
  const elsewhere = 'Use a home in your user profile, which is private';
  switch (access.kind) {
    case 'private':
      return ok('home', stateDir);
    case 'open':
      return warning('home', `${stateDir} can be read by others: ${access.to.join(', ')}`, elsewhere);
    case 'unknown':
      return warning('home', `${stateDir} may be readable by others (${access.reason})`, elsewhere);
  }
}

const quarantined: Check = async ({ options }) => {
  const { stateDir, journal } = options.home;
  const found = await Promise.all(
    [stateDir, journal].map(async folder => (await readdir(folder).catch(() => [])).map(name => join(folder, name))),
  );
  return found.flat().flatMap(path => {
    const [, file, trouble] = ASIDE.exec(path) ?? [];
    if (file === undefined) return [];
    const how = trouble === 'foreign' ? 'open to another user' : trouble;
    const message = `${file} was ${how}, and has been set aside as ${path}`;
    return [warning('home', message, 'Examine it, then remove it')];
  });
};

const configuration: Check = ({ config: { file, sessions: configured, refused }, refusal, sessions }) => {
  if (refusal) return [error('config', `${refusal.file}: ${refusal.problem}`, afterRefusal(refusal.isGone))];
  if (refused !== undefined) return [error('config', refused, 'Fix it. Until then, nothing is kept alive.')];
  const everything = 'No configuration file; every tool found on this machine is kept alive';
  const unknown = Object.keys(configured).filter(id => !sessions.includes(id));
  return [
    file === null ? info('config', everything, 'keepalive config init') : ok('config', file),
    ...unknown.map(id =>
      warning('config', `sessions.${id} matches no session`, `The sessions are: ${sessions.join(', ')}`),
    ),
  ];
};

const notices: Check = ({
  config: {
    notices: { routes = {} },
  },
  sessions,
  plugins,
}) => {
  const notifiers = plugins.filter(({ kind }) => kind === 'notifier').map(({ id }) => id);
  const known = [...sessions, 'keepalive'];
  return Object.entries(routes).flatMap(([id, route]) => [
    ...(notifiers.includes(id)
      ? []
      : [warning('config', `notices.routes.${id} matches no notifier`, `The notifiers are: ${notifiers.join(', ')}`)]),
    ...(route.sessions ?? [])
      .filter(session => !known.includes(session))
      .map(session =>
        warning(
          'config',
          `notices.routes.${id} names ${session}, which is no session`,
          `The sessions are: ${sessions.join(', ')}`,
        ),
      ),
  ]);
};

const clock: Check = ({ skewMs }) => {
  if (skewMs === undefined) return [info('clock', 'no server has answered yet, so the clock is not compared')];
  if (Math.abs(skewMs) < SKEW_MS) return [ok('clock', 'agrees with the last server that answered')];
  const message = `${describeMs(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} the last server that answered`;
  return [warning('clock', message, 'Set the clock by NTP')];
};

const timeZone: Check = () => {
  const name = unknownZone();
  if (name === undefined) return [];
  const message = `Node does not know the time zone of TZ=${name}: times of day are UTC`;
  const action = 'Set TZ to a name such as Europe/Berlin where the daemon is started, or give the schedule a timezone';
  return [warning('clock', message, action)];
};

const proxy: Check = ({ options: { env } }) => {
  const set = PROXY_VARIABLES.filter(name => env[name]);
  // Only the names: a proxy's URL may hold a password.
  const message = set.length > 0 ? `taken from the environment: ${set.join(', ')}` : 'none is set in the environment';
  return [ok('proxy', message)];
};

const caFiles: Check = ({ options: { env } }) => badCaFiles(env);

const watching: Check = ({ options }) => {
  const found = watchFinding(options.home.stateDir);
  return found ? [found] : [];
};

const loading: Check = ({ plugins }) =>
  plugins.flatMap(plugin => {
    if (plugin.status === 'loaded') return [];
    if (plugin.status === 'loading') return [info(plugin.module, 'still loading')];
    return [error(plugin.module, plugin.error?.message ?? 'not loaded')];
  });

/** In the order of the report. */
export const MACHINE_CHECKS: readonly Check[] = [
  node,
  home,
  quarantined,
  configuration,
  notices,
  clock,
  timeZone,
  proxy,
  caFiles,
  watching,
  loading,
];
