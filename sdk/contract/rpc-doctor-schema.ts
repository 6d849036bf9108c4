import { z } from 'zod';
import { instantSchema, named } from './base-schema.ts';
import { noticeSchema } from './notice-schema.ts';
import { method, noneSchema } from './rpc-base-schema.ts';
import { configViewSchema, pluginInfoSchema } from './rpc-config-schema.ts';
import { kernelInfoSchema } from './rpc-kernel-schema.ts';
import { attemptSchema, sessionSchema } from './session-schema.ts';

const finding = {
  level: z.enum(['ok', 'info', 'warning', 'error']),
  /** The subject: `node`, `home`, `config`, `clock`, `proxy`, or a session's id. */
  subject: z.string(),
  message: z.string(),
  /** What to do about it. */
  action: z.string().optional(),
};

export interface FindingSchema extends z.ZodObject<typeof finding> {}
export const findingSchema: FindingSchema = named('Finding', 'One result of doctor.', z.object(finding));

const supportBundle = {
  madeAt: instantSchema,
  /** Whether a running daemon made it. If none answered, a kernel that ran once did. */
  daemon: z.boolean(),
  kernel: kernelInfoSchema,
  node: z.string(),
  system: z.string(),
  environment: z.array(z.string()),
  findings: z.array(findingSchema),
  config: configViewSchema,
  /** The plugin entries of the configuration: the form of their options, and the values that cannot be secret. */
  entries: z.array(z.object({ module: z.string(), options: z.unknown() })),
  /** Our files in the home. Those in `journal/` hold renewed credentials that are not yet stored. */
  files: z.array(z.object({ name: z.string(), bytes: z.int(), mode: z.string(), modifiedAt: instantSchema })),
  plugins: z.array(pluginInfoSchema),
  sessions: z.array(sessionSchema),
  notices: z.array(noticeSchema),
  attempts: z.array(attemptSchema),
  /** The last lines of the log. */
  log: z.array(z.string()),
};

export interface SupportBundleSchema extends z.ZodObject<typeof supportBundle> {}
export const supportBundleSchema: SupportBundleSchema = named(
  'SupportBundle',
  'Everything that helps to find a fault: no secret, no e-mail address, and only the names of environment variables.',
  z.object(supportBundle),
);

export const doctorMethods = {
  'doctor/run': method(
    'Checks the machine and the credentials, and says what to do.',
    noneSchema,
    z.array(findingSchema),
  ),
  'doctor/bundle': method('Everything that helps to find a fault, without secrets.', noneSchema, supportBundleSchema),
};
