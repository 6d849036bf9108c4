import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { formatMs } from '../../sdk/contract/duration.ts';
import type { Inspection } from '../../sdk/plugin/provider.ts';
import type { Finding, PluginInfo } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { badCaFiles } from './ca-files.ts';
import { ASIDE } from '../../runtime/files/own-file.ts';
import { watchFinding } from '../../runtime/files/watch-limit.ts';
import { Contexts } from '../plugins/contexts.ts';
import { signInSeparately } from '../session/held-login.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import type { Keeper } from '../session/keeper.ts';
import { Sessions } from '../session/sessions.ts';
import { unknownZone } from '../session/zone.ts';
import { unreadable } from '../session/outcome.ts';
import { ConfigHolder, KernelOptions, type ConfigHolder as Config, type KernelOptions as Options } from '../tokens.ts';

const SKEW_MS = 60_000;
const VERSION_LIMIT_MS = 10_000;
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

/** Looks at everything that keeping sessions alive depends on, and says what to do. Changes nothing. */
@scoped(Lifecycle.ContainerScoped)
export class Doctor {
  constructor(
    @inject(KernelOptions) private readonly options: Options,
    @inject(ConfigHolder) private readonly config: Config,
    @inject(Sessions) private readonly sessions: Sessions,
    @inject(Contexts) private readonly contexts: Contexts,
    @inject(Scrubber) private readonly scrubber: Scrubber,
  ) {}

  /** `asleep`: the providers that wait for a sign-in. */
  async run(
    plugins: readonly PluginInfo[],
    asleep: readonly string[],
    others: readonly Finding[] = [],
  ): Promise<readonly Finding[]> {
    const sessions = await Promise.all(this.sessions.all().map(keeper => this.#session(keeper)));
    const findings = [
      this.#node(),
      await this.#home(),
      ...(await this.#setAside()),
      ...this.#configured(asleep),
      this.#clock(),
      ...zone(),
      this.#proxy(),
      ...(await badCaFiles(this.options.env)),
      ...this.#watch(),
      ...pluginFindings(plugins),
      ...others,
      ...sessions.flat(),
    ];
    // Sharing is known only after every session was inspected.
    findings.push(...this.sessions.all().flatMap(({ session }) => sharedLogin(session)));
    return this.scrubber.clean(findings); // Some have the words of a plugin or of an error in them.
  }

  #node(): Finding {
    return {
      level: 'ok',
      subject: 'node',
      message: `session-keepalive ${this.options.version}, Node ${process.versions.node} on ${process.platform} ${process.arch}`,
    };
  }

  async #home(): Promise<Finding> {
    const { stateDir } = this.options.home;
    const facts = await stat(stateDir).catch(() => undefined);
    if (!facts)
      return { level: 'info', subject: 'home', message: `${stateDir} does not exist yet; the daemon makes it` };
    const open = process.platform !== 'win32' && (facts.mode & 0o077) !== 0;
    return open
      ? {
          level: 'warning',
          subject: 'home',
          message: `${stateDir} can be read by others`,
          action: `chmod 700 ${stateDir}`,
        }
      : { level: 'ok', subject: 'home', message: stateDir };
  }

  async #setAside(): Promise<readonly Finding[]> {
    const { stateDir, journal } = this.options.home;
    const found = await Promise.all(
      [stateDir, journal].map(async folder => (await readdir(folder).catch(() => [])).map(name => join(folder, name))),
    );
    return found.flat().flatMap((path): Finding[] => {
      const [, file, trouble] = ASIDE.exec(path) ?? [];
      const action = 'Look at what is in it, then remove it';
      const how = trouble === 'foreign' ? 'open to another user' : trouble;
      const message = `${file} was ${how}, and has been set aside as ${path}`;
      return file === undefined ? [] : [{ level: 'warning', subject: 'home', message, action }];
    });
  }

  #watch(): readonly Finding[] {
    const finding = watchFinding(this.options.home.stateDir);
    return finding ? [finding] : [];
  }

  #configured(asleep: readonly string[]): readonly Finding[] {
    const { file, sessions, refused } = this.config.current;
    if (refused !== undefined)
      return [
        {
          level: 'error',
          subject: 'config',
          message: refused,
          action: 'Put it right: until then nothing is kept alive.',
        },
      ];
    const known = this.sessions.ids;
    if (file === null && known.length === 0) return [nothingFound(asleep)];
    const main: Finding =
      file === null
        ? {
            level: 'info',
            subject: 'config',
            message: 'No configuration file; every provider found on this machine is kept alive',
            action: 'keepalive config init',
          }
        : { level: 'ok', subject: 'config', message: file };
    const unknown = Object.keys(sessions).filter(id => !known.includes(id));
    return [
      main,
      ...unknown.map((id): Finding => ({
        level: 'warning',
        subject: 'config',
        message: `sessions.${id} matches no session`,
        action: `The sessions are: ${known.join(', ')}`,
      })),
    ];
  }

  #clock(): Finding {
    const skew = this.contexts.skewMs();
    if (skew === undefined)
      return { level: 'info', subject: 'clock', message: 'No server has answered yet, so the clock is not compared' };
    if (Math.abs(skew) < SKEW_MS)
      return { level: 'ok', subject: 'clock', message: 'agrees with the last server that answered' };
    return {
      level: 'warning',
      subject: 'clock',
      message: `${formatMs(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the last server that answered`,
      action: 'Set the clock by NTP',
    };
  }

  #proxy(): Finding {
    const set = PROXY_VARIABLES.filter(name => this.options.env[name]);
    // Only the names: a proxy's URL may hold a password.
    return {
      level: 'ok',
      subject: 'proxy',
      message: set.length ? `taken from the environment: ${set.join(', ')}` : 'none set in the daemon’s environment',
    };
  }

  async #session(keeper: Keeper): Promise<readonly Finding[]> {
    const subject = keeper.provider.id;
    const seen = await keeper.inspect().catch(unreadable(this.scrubber.scrub));
    if (seen && 'unreadable' in seen) {
      return [
        { level: 'error', subject, message: `The credential cannot be read: ${seen.unreadable}`, action: RESTORE },
      ];
    }
    const findings = seen
      ? [
          credential(subject, seen, Date.now()),
          ...(await this.#version(subject, seen)),
          ...(await this.#store(subject, seen)),
        ]
      : [];
    const { state, lastSuccessAt } = keeper.record;
    if (state.name !== 'halted' || state.why === 'paused') return findings;
    const until =
      lastSuccessAt === undefined ? '' : `; it was kept alive until ${new Date(lastSuccessAt).toISOString()}`;
    const level = state.why === 'unavailable' ? 'warning' : 'error';
    return [...findings, { level, subject, message: `halted: ${state.why}${until}`, action: state.hint }];
  }

  async #version(subject: string, { owner, program, versionArgs }: Inspection): Promise<readonly Finding[]> {
    if (program === undefined || versionArgs === undefined) return [];
    const { exec } = this.contexts.notify({ id: subject }, new AbortController().signal);
    const { stdout = '' } = await exec(program, versionArgs, { timeoutMs: VERSION_LIMIT_MS }).catch(() => ({
      stdout: '',
    }));
    const version = stdout.trim().split('\n')[0];
    return [
      version
        ? { level: 'ok', subject, message: `the program ${owner ?? program} is ${version}` }
        : {
            level: 'warning',
            subject,
            message: `${program} does not say its version`,
            action: `Run it by hand: ${program} ${versionArgs.join(' ')}`,
          },
    ];
  }

  async #store(subject: string, { store, present }: Inspection): Promise<readonly Finding[]> {
    if (!present || store === undefined || process.platform === 'win32') return [];
    const { files } = this.contexts.inspect({ id: subject }, new AbortController().signal);
    const facts = await files.stat(store).catch(() => undefined);
    if (!facts) return [];
    const mode = facts.mode.toString(8).padStart(3, '0');
    if (!facts.writable)
      return [
        {
          level: 'warning',
          subject,
          message: `${store} cannot be written`,
          action: 'Check its owner, its mode and the mount it is on',
        },
      ];
    // Other users cannot reach a file in a closed folder, such as a browser's profile.
    const folder = await files.stat(dirname(facts.path)).catch(() => undefined);
    const open = (facts.mode & 0o077) !== 0 && ((folder?.mode ?? 0o777) & 0o011) !== 0;
    return [
      open
        ? {
            level: 'warning',
            subject,
            message: `${store} has mode ${mode}: others can read it`,
            action: `chmod 600 ${store}`,
          }
        : { level: 'ok', subject, message: `${store} has mode ${mode}` },
    ];
  }
}

function credential(subject: string, seen: Inspection, now: number): Finding {
  const { present, store, owner, program, method, expiresAt, hint } = seen;
  const isOver = expiresAt !== undefined && expiresAt.getTime() <= now;
  const parts = [
    present ? 'credential present' : 'no credential',
    store && `in ${store}`,
    owner && `owned by ${owner}`,
    owner && (program ? `found at ${program}` : 'whose program was not found'),
    method && `method ${method}`,
    expiresAt && `${isOver ? 'expired' : 'expires'} ${expiresAt.toISOString()}`,
  ];
  return {
    level: present && !isOver ? 'ok' : 'warning',
    subject,
    message: parts.filter(Boolean).join(', '),
    action: hint,
  };
}

const nothingFound = (names: readonly string[]): Finding => ({
  level: 'info',
  subject: 'config',
  action: 'Sign in with one of them: it is found by itself',
  message: `No configuration file, and none of these tools was found: ${names.join(', ')}`,
});

function zone(): readonly Finding[] {
  const name = unknownZone();
  if (name === undefined) return [];
  const action = 'Set TZ to a name such as Europe/Berlin where the daemon is started, or give the schedule a timezone';
  const message = `Node does not know the time zone of TZ=${name}: times of day are UTC`;
  return [{ level: 'warning', subject: 'clock', message, action }];
}

const sharedLogin = ({ id, shared }: Session): readonly Finding[] =>
  shared && shared.holder !== id
    ? [
        {
          level: 'warning',
          subject: id,
          action: signInSeparately(id, shared.holder, shared.spent ?? false),
          message: shared.spent
            ? `holds a refresh token that may be spent: it held the same login as "${shared.holder}"`
            : `holds the same login as "${shared.holder}", which keeps it alive`,
        },
      ]
    : [];

function pluginFindings(plugins: readonly PluginInfo[]): readonly Finding[] {
  return plugins.flatMap(({ module, status, error }): readonly Finding[] => {
    if (status === 'loaded') return [];
    if (status === 'loading') return [{ level: 'info', subject: module, message: 'still loading' }];
    return [{ level: 'error', subject: module, message: error?.message ?? 'not loaded' }];
  });
}

const RESTORE = 'Sign in again with the tool, or restore the file. It is re-read until it is readable.';
