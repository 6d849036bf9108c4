import type { z } from 'zod';
import type { Infer } from './base-schema.ts';
import type { configShape, logLevelSchema, placementSchema } from './config-schema.ts';
import type { noticesConfigSchema, quietHoursSchema, routeSchema } from './notices-config-schema.ts';

export type LogLevel = Infer<typeof logLevelSchema>;

/** Where a plugin runs. */
export type Placement = Infer<typeof placementSchema>;

/** The members of a configuration besides its plugins. */
export type ConfigMembers = Infer<z.ZodObject<typeof configShape>>;

/** When notices are delivered, and which notifier gets which. */
export type NoticesConfig = Infer<typeof noticesConfigSchema>;

/** A time of day in which notices are held. */
export type QuietHours = Infer<typeof quietHoursSchema>;

/** Which notices a notifier gets. */
export type NoticeRoute = Infer<typeof routeSchema>;
