import type { ConfigMembers, Placement } from '../contract/config.ts';
import type { Plugin } from './plugin.ts';

/**
 * A plugin to load: the name of a built-in, a path relative to the configuration file, or an npm package; with options
 * and a placement if needed. Or a plugin object. `'auto'` stands for every built-in provider whose tool is found on
 * this machine, now or later.
 */
export type PluginEntry = string | readonly [module: string, options: object, placement?: Placement] | Plugin;

export type KeepaliveConfig = { readonly plugins: readonly PluginEntry[] } & ConfigMembers;

/** Gives a configuration file its types. */
export const defineConfig = (config: KeepaliveConfig): KeepaliveConfig => config;
