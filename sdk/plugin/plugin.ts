import type { FrontendPlugin } from './frontend.ts';
import type { NotifierPlugin } from './notifier.ts';
import type { ProviderPlugin } from './provider.ts';

export type Plugin = ProviderPlugin | FrontendPlugin | NotifierPlugin;

/** A module's default export: makes a plugin from the options that the configuration gives. */
export type PluginFactory<Options = never> = (options: Options) => Plugin;
