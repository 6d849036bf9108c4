import { z } from 'zod';
import type { Infer } from '../../sdk/contract/base-schema.ts';
import { ERROR_CODES } from '../../sdk/contract/errors.ts';
import { sessionSchema } from '../../sdk/contract/session-schema.ts';

/** What machines send each other. A letter of a newer version that is not understood here is dropped. */
export const letterSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('refresh'), call: z.string(), id: z.string(), force: z.boolean().optional() }),
  z.object({ type: z.literal('refreshed'), call: z.string(), session: sessionSchema }),
  z.object({
    type: z.literal('refused'),
    call: z.string(),
    code: z.enum(ERROR_CODES),
    details: z.record(z.string(), z.unknown()),
  }),
]);

export type LetterContent = Infer<typeof letterSchema>;
