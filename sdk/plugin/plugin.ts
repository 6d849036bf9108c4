import type { FrontendPlugin } from './frontend.ts';
import type { NotifierPlugin } from './notifier.ts';
import type { ProviderPlugin } from './provider.ts';

export type Plugin = ProviderPlugin | FrontendPlugin | NotifierPlugin;

/** A module's default export: creates a plugin from the options in the configuration, within 20 seconds. */
export type PluginFactory<Options = never> = (options: Options) => Plugin | Promise<Plugin>;
