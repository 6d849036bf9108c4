import { z } from 'zod';
import { instantSchema, named } from './base-schema.ts';
import { noticeSchema } from './notice-schema.ts';
import { idSchema, method, noneSchema } from './rpc-base-schema.ts';
import { loginSchema, startedLoginSchema } from './rpc-login-schema.ts';
import { attemptSchema, sessionSchema } from './session-schema.ts';

/** The name of a machine in the fleet. */
export const machineSchema = z
  .string()
  .max(60)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'expected letters, digits, dots and dashes');

const fleetMachine = {
  machine: z.string(),
  /** The version of its daemon. */
  version: z.string(),
  /** When it was last heard, by the clock of this machine. */
  seenAt: instantSchema,
  /** Set for the machine of this daemon. */
  isHere: z.literal(true).optional(),
  /** Set if it has not been heard for longer than a running daemon is silent. */
  isSilent: z.literal(true).optional(),
  /** What it lets other machines do. */
  accepts: z.array(z.string()),
  sessions: z.array(sessionSchema),
  notices: z.array(noticeSchema),
};

export interface FleetMachineSchema extends z.ZodObject<typeof fleetMachine> {}
export const fleetMachineSchema: FleetMachineSchema = named(
  'FleetMachine',
  'A machine of the fleet, with the sessions and notices that it has shown.',
  z.object(fleetMachine),
);

const fleetAttempt = { machine: z.string(), attempt: attemptSchema };

export interface FleetAttemptSchema extends z.ZodObject<typeof fleetAttempt> {}
export const fleetAttemptSchema: FleetAttemptSchema = named(
  'FleetAttempt',
  'An attempt of a machine of the fleet.',
  z.object(fleetAttempt),
);

export const fleetMethods = {
  'fleet/list': method('All machines of the fleet. Empty without a fleet.', noneSchema, z.array(fleetMachineSchema)),
  'fleet/history': method(
    'The attempts of all machines, newest first. They are kept for 90 days. [100]',
    z
      .strictObject({
        machine: machineSchema.optional(),
        id: idSchema.optional(),
        limit: z.int().min(1).max(1_000).optional(),
      })
      .default({}),
    z.array(fleetAttemptSchema),
  ),
  'fleet/refresh': method(
    'As `session/refresh`, on another machine that accepts it.',
    z.strictObject({ machine: machineSchema, id: idSchema, force: z.boolean().optional() }),
    sessionSchema,
  ),
  'fleet/login': method(
    'As `login/start`, on another machine that accepts it. `login/answer` and `login/cancel` go there too. There, ' +
      'device is the default: a sign-in that comes back to a browser needs the browser of that machine.',
    z.strictObject({
      machine: machineSchema,
      id: idSchema,
      device: z.boolean().optional(),
      login: loginSchema.optional(),
    }),
    startedLoginSchema,
  ),
};

export const fleetNotifications = {
  'fleet/didChange': {
    summary: 'A machine of the fleet has shown something new: `fleet/list` returns it.',
    params: z.object({}),
  },
};
