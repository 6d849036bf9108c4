import { z } from 'zod';
import { countSchema, instantSchema, named } from './base-schema.ts';
import { quietHoursSchema, routeSchema } from './notices-config-schema.ts';
import { idSchema, method, noneSchema } from './rpc-base-schema.ts';

const notifier = {
  /** The plugin's id. */
  id: z.string(),
  /** Where its notices appear, as part of a sentence: `on this desktop`. */
  place: z.string(),
  /** `on`; `off`: the user switched it off; `unavailable`: it cannot show anything on this machine. */
  status: z.enum(['on', 'off', 'unavailable']),
  /** Why it is unavailable. */
  reason: z.string().optional(),
  /** The configured quiet hours. `until`: it is quiet now, and this is the end. */
  quiet: quietHoursSchema.extend({ until: instantSchema.optional() }).optional(),
  /** Which notices it gets. [all] */
  route: routeSchema.optional(),
  /** How many notices wait: for the end of the quiet hours, for others, or for the network. [0] */
  waiting: countSchema.optional(),
};

export interface NotifierInfoSchema extends z.ZodObject<typeof notifier> {}
export const notifierInfoSchema: NotifierInfoSchema = named(
  'NotifierInfo',
  'A plugin that carries notices to the user.',
  z.object(notifier),
);

const delivery = {
  /** The notifier's id. */
  id: z.string(),
  delivered: z.boolean(),
  /** Why it was not delivered. */
  reason: z.string().optional(),
};

export interface DeliverySchema extends z.ZodObject<typeof delivery> {}
export const deliverySchema: DeliverySchema = named(
  'Delivery',
  'Whether a notifier delivered a notice.',
  z.object(delivery),
);

export const notifierMethods = {
  'notifier/list': method('Where notices go.', noneSchema, z.array(notifierInfoSchema)),
  'notifier/configure': method(
    'Switches a notifier on or off. The choice is kept in `settings.json`.',
    z.strictObject({ id: idSchema, enabled: z.boolean() }),
    notifierInfoSchema,
  ),
  'notifier/test': method(
    'Sends a test notice through every notifier that is on, or through one. Answers when each delivered it or failed.',
    z.strictObject({ id: idSchema.optional() }).default({}),
    z.array(deliverySchema),
  ),
};
