import { z } from 'zod';
import { named } from './base-schema.ts';
import { method, noneSchema } from './rpc-base-schema.ts';

const configView = {
  file: z.string().nullable(),
  plugins: z.array(z.string()),
  /** What connects this machine with others, and how the others may use it. */
  fleet: z.object({ plugin: z.string(), machine: z.string(), accepts: z.array(z.string()) }).optional(),
  values: z.array(
    z.object({
      session: z.string(),
      key: z.string(),
      value: z.unknown(),
      origin: z.enum(['default', 'provider', 'config', 'session', 'settings']),
      /** What a reset returns to, if the value was set in a frontend. */
      configured: z.unknown().optional(),
    }),
  ),
};

export interface ConfigViewSchema extends z.ZodObject<typeof configView> {}
export const configViewSchema: ConfigViewSchema = named(
  'ConfigView',
  'The configuration in force: every policy value, and the layer it comes from.',
  z.object(configView),
);

const pluginInfo = {
  id: z.string(),
  kind: z.enum(['provider', 'frontend', 'notifier', 'unknown']),
  /** As the configuration names it; `(inline)` for a plugin object. */
  module: z.string(),
  /** A plugin that loads slowly delays nothing: it joins when it has loaded, or fails. */
  status: z.enum(['loaded', 'failed', 'loading']),
  /** It runs in a separate process, which exists while it is needed. */
  isolated: z.boolean().optional(),
  loadMs: z.number(),
  /** Why it did not load: `problems` has the members of the plugin that are wrong, and `file` where it comes from. */
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      file: z.string().optional(),
      problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    })
    .optional(),
};

export interface PluginInfoSchema extends z.ZodObject<typeof pluginInfo> {}
export const pluginInfoSchema: PluginInfoSchema = named(
  'PluginInfo',
  'A configured plugin and whether it has loaded.',
  z.object(pluginInfo),
);

export const pluginMethods = {
  'plugin/list': method('The plugins, and why one did not load.', noneSchema, z.array(pluginInfoSchema)),
};

export const configMethods = {
  'config/show': method('The values in force and where each comes from.', noneSchema, configViewSchema),
};

export const configNotifications = {
  'config/didChange': {
    summary: 'Another configuration is in force, a session was added or removed, or a notifier was switched.',
    params: z.object({ file: z.string().nullable() }),
  },
};
