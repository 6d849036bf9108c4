import type { Plugin } from '../plugin/plugin.ts';
import type { PartialPolicy } from './policy.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Where a plugin runs. */
export type Placement = {
  /** In a process of its own. [false for built-ins, true for all others] */
  readonly isolated?: boolean | undefined;
};

/** A built-in's name, a path beside the configuration, an npm package; with options; and where it runs; or a plugin itself. */
export type PluginEntry = string | readonly [module: string, options: object, placement?: Placement] | Plugin;

export type KeepaliveConfig = {
  readonly plugins: readonly PluginEntry[];
  /** For every session. */
  readonly policy?: PartialPolicy | undefined;
  /** For one session, by its id. */
  readonly sessions?: Readonly<Record<string, PartialPolicy>> | undefined;
  /** Where the API listens on loopback. 0 takes any free port. [0] */
  readonly rpc?: { readonly port?: number | undefined } | undefined;
  /** Attempts at one time over all sessions. [3] */
  readonly concurrency?: number | undefined;
  readonly logLevel?: LogLevel | undefined;
};

/** Gives a configuration file its types. */
export const defineConfig = (config: KeepaliveConfig): KeepaliveConfig => config;
