import { z } from 'zod';
import { instantSchema } from './base-schema.ts';

const endpoint = {
  url: z.string(),
  token: z.string(),
  /** The token for clients that only read. */
  readToken: z.string().optional(),
  pid: z.int(),
  version: z.string(),
  startedAt: instantSchema,
  /** Distinguishes its process from a later one with the same pid, if the platform can. */
  process: z.string().optional(),
  /** The version of the handshake by which the daemon proves that it has the token. */
  proof: z.literal(1).optional(),
};

export interface EndpointSchema extends z.ZodObject<typeof endpoint> {}
export const endpointSchema: EndpointSchema = z.object(endpoint);
