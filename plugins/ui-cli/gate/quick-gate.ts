import { realpathSync } from 'node:fs';
import { isDuration, toMs } from '../../../sdk/contract/duration.ts';
import { methodOf, type Instant, type SessionRecord } from '../../../sdk/contract/session.ts';
import { obstacleOf } from '../../../sdk/gate/known-end.ts';
import { providerOf, VENDOR_PROGRAMS } from '../../../sdk/plugin/programs.ts';
import { expandHome, locateHome } from '../../../sdk/system/home.ts';
import { daemonPresence } from '../prompt/daemon-presence.ts';
import { readStates, type States } from '../prompt/states-file.ts';
import type { Program } from '../context/command.ts';
import { findProgram } from './find-program.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The program that `exec` becomes, if what a running daemon last saved shows that its sessions pass and none is due. No
 * connection is needed then. Undefined in any other case: the full command decides.
 */
export function quickGate(argv: readonly string[], env: Env, now: Instant): Program | undefined {
  const line = parse(argv);
  if (!line) return undefined;
  try {
    const home = locateHome(line.home === undefined ? env : { ...env, KEEPALIVE_HOME: line.home });
    const states = daemonPresence(home.endpoint) === 'running' ? readStates(home.states) : undefined;
    const records = states && recordsFor(line, states, env);
    const program = records?.every(record => isCalm(record, line.min, now)) && findProgram(line.command, env);
    return program && 'file' in program ? program : undefined;
  } catch {
    return undefined;
  }
}

type Line = {
  readonly home: string | undefined;
  readonly ids: readonly string[];
  readonly min: number;
  readonly command: Program['argv'];
};

/** Undefined for anything but a few options with their values, `--` and a command. */
function parse(argv: readonly string[]): Line | undefined {
  const [line, [command, ...args]] = [argv.slice(0, argv.indexOf('--')), argv.slice(argv.indexOf('--') + 1)];
  const options: Record<string, string[]> = { session: [], home: [], min: [], wait: [] };
  for (let at = 0; at < line.length; at += 1) {
    const [, name = '', joined] = /^--(\w+)(?:=(.*))?$/s.exec(line[at] ?? '') ?? [];
    const value = joined ?? line[(at += 1)];
    if (!Object.hasOwn(options, name) || !value) return undefined;
    options[name]?.push(value);
  }
  const { session = [], home = [], min = [], wait = [] } = options;
  if (!argv.includes('--') || command === undefined || ![...min, ...wait].every(isDuration)) return undefined;
  const least = min.at(-1);
  return {
    home: home.at(-1),
    ids: session.flatMap(text => text.split(',')),
    min: least !== undefined && isDuration(least) ? toMs(least) : 0,
    command: [command, ...args],
  };
}

/** The records of the sessions that the command needs. Undefined if it is not certain which these are. */
function recordsFor(
  { ids, command: [command] }: Line,
  { sessions, notices = [], isNewer }: States,
  env: Env,
): readonly SessionRecord[] | undefined {
  if (isNewer) return undefined;
  if (ids.length > 0)
    return ids.every(id => Object.hasOwn(sessions, id)) ? ids.flatMap(id => sessions[id] ?? []) : undefined;
  if (notices.some(({ code }) => code === 'plugin-failed')) return undefined;
  const all = Object.values(sessions);
  const { usualStore, variables = [] } = VENDOR_PROGRAMS[providerOf(command) ?? ''] ?? {};
  if (providerOf(command) === undefined) return all.length > 0 ? all : undefined;
  if (usualStore === undefined || variables.some(name => env[name] !== undefined)) return undefined;
  const store = realpathSync(expandHome(usualStore));
  const keeping = all.filter(({ login }) => login?.store === store);
  return keeping.length > 0 ? keeping : undefined;
}

/** Whether it is alive, lasts long enough, and need not be renewed first. */
function isCalm(record: SessionRecord, min: number, now: Instant): boolean {
  const { state, expiresAt = Infinity, loginExpiresAt } = record;
  const life = { state, expiresAt: record.expiresAt, loginExpiresAt, method: methodOf(record) ?? 'auto' };
  return state.name === 'alive' && state.wakeAt > now && expiresAt >= now + min && !obstacleOf(life, min, now);
}
