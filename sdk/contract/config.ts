import type { z } from 'zod';
import type { Infer } from './base-schema.ts';
import type { configShape, logLevelSchema, placementSchema } from './config-schema.ts';

export type LogLevel = Infer<typeof logLevelSchema>;

/** Where a plugin runs. */
export type Placement = Infer<typeof placementSchema>;

/** The members of a configuration besides its plugins. */
export type ConfigMembers = Infer<z.ZodObject<typeof configShape>>;
