import { createHash, randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { errnoOf } from '../../sdk/base/errno.ts';
import { isRecord } from '../../sdk/base/json.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import type { FleetContext, FleetPlugin } from '../../sdk/plugin/fleet.ts';
import { expandHome } from '../../sdk/system/home.ts';
import { readPlainFile } from '../../sdk/system/plain-file.ts';
import { writeDurably } from '../../runtime/files/durable.ts';
import { recall } from '../../runtime/files/own-file.ts';
import { makeFleet } from '../../runtime/load-module.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import type { ResolvedConfig } from '../../config/resolve.ts';
import { KernelOptions, Log } from '../wiring/tokens.ts';
import { placesHere, storePlace } from '../lease/store-place.ts';

/** No secret is longer. */
const MAX_BYTES = 65_536;

/** What connecting to a fleet needs of the kernel. */
@scoped(Lifecycle.ContainerScoped)
export class FleetTools {
  constructor(
    @inject(KernelOptions) private readonly options: KernelOptions,
    @inject(Log) readonly log: KernelLog,
    @inject(Scrubber) private readonly scrubber: Scrubber,
  ) {}

  /** Throws `KA_CONFIG_INVALID`, `KA_PLUGIN_NOT_FOUND` and `KA_PLUGIN_INVALID`. */
  async load([name, options]: NonNullable<ResolvedConfig['fleet']>): Promise<FleetPlugin> {
    try {
      return await makeFleet({ name, options });
    } catch (error) {
      if (!isKeepaliveError(error) || error.code !== 'KA_CONFIG_INVALID') throw error;
      throw new KeepaliveError('KA_CONFIG_INVALID', { problems: withPath(error.details['problems']) }, error);
    }
  }

  /** Throws what `load` throws, before a configuration is used. */
  async check(wanted: ResolvedConfig['fleet']): Promise<void> {
    if (wanted) await this.load(wanted);
  }

  async context({ id }: FleetPlugin): Promise<FleetContext> {
    const { version } = this.options;
    const instance = placed(await this.#instance(), this.options.home.fleet);
    const { conceal } = this.scrubber;
    return { log: this.log.child({ plugin: id }), version, instance, conceal, readSecret };
  }

  /** Made once for this home. */
  async #instance(): Promise<string> {
    const file = this.options.home.fleet;
    const known = await recall(file, this.log, { understand: installationIn });
    if (known) return known.instance;
    const instance = randomUUID();
    await writeDurably(file, JSON.stringify({ instance }));
    return instance;
  }
}

/** A copy of the home, as in a clone of the machine, is another installation. */
const placed = (instance: string, file: string): string =>
  createHash('sha256')
    .update(`${instance}:${storePlace(file, placesHere(instance))}`)
    .digest('base64url');

const installationIn = (json: unknown): { readonly instance: string } | undefined =>
  isRecord(json) && typeof json['instance'] === 'string' ? { instance: json['instance'] } : undefined;

/** Throws `KA_FLEET_FILE`. */
async function readSecret(path: string): Promise<string> {
  const file = expandHome(path);
  const refused = (problem: string, cause?: unknown) => new KeepaliveError('KA_FLEET_FILE', { path, problem }, cause);
  try {
    const facts = await stat(file);
    const isOpen = facts.isFile() && process.platform !== 'win32' && (facts.mode & 0o077) !== 0;
    if (isOpen) throw refused('can be read by other users');
    return (await readPlainFile(file, MAX_BYTES)).toString('utf8');
  } catch (error) {
    if (isKeepaliveError(error)) throw error;
    throw refused(PROBLEMS[errnoOf(error)] ?? 'cannot be read', error);
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder',
  EFTYPE: 'is no file',
  EFBIG: 'is too large',
};

/** The problems of options, named as the configuration names them. */
const withPath = (problems: unknown): readonly unknown[] =>
  (Array.isArray(problems) ? problems : []).map((problem: unknown) =>
    isRecord(problem) ? { ...problem, path: ['fleet', problem['path']].filter(Boolean).join('.') } : problem,
  );
