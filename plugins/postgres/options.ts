import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { isDuration, toMs, type Duration } from '../../sdk/contract/duration.ts';

const path = z
  .string()
  .refine(value => /^~[\\/]/.test(value) || isAbsolute(value), 'Give an absolute path, or one that begins with ~/.');

const url = z
  .string()
  .refine(value => /^postgres(ql)?:\/\/./.test(value), 'Give an address such as postgres://user@host/database.');

const isLease = (text: string): text is Duration => isDuration(text) && toMs(text) >= 3_000 && toMs(text) <= 600_000;

export const optionsSchema = z
  .strictObject({
    /** The address of the database. With a password in it, use urlFile. */
    url: url.optional(),
    /** A file with the address, which only you may read. */
    urlFile: path.optional(),
    /** The name of this machine in the fleet. */
    machine: z
      .string()
      .max(60)
      .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'Give letters, digits, dots and dashes.'),
    /** A file with the key of the fleet, the same on every machine, which only you may read. */
    keyFile: path,
    /** What other machines may do here. [nothing] */
    accept: z.array(z.enum(['refresh', 'login'])).optional(),
    /** How long a machine that is not heard keeps its logins, the same on every machine, 3s to 10m. [90s] */
    lease: z.string().refine(isLease, 'Give a duration from 3s to 10m.').optional(),
  })
  .refine(({ url: one, urlFile }) => (one === undefined) !== (urlFile === undefined), 'Give url or urlFile.');

export type PostgresOptions = z.input<typeof optionsSchema>;
