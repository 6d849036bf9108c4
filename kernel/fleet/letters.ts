import { z } from 'zod';
import type { Infer } from '../../sdk/contract/base-schema.ts';
import { ERROR_CODES } from '../../sdk/contract/errors.ts';
import { idSchema } from '../../sdk/contract/rpc-base-schema.ts';
import { loginStateSchema, startedLoginSchema, textSchema } from '../../sdk/contract/rpc-login-schema.ts';
import { sessionSchema } from '../../sdk/contract/session-schema.ts';

/** Identifies a request, and what belongs to it. The machine that asks chooses it. */
const call = z.uuid();

/** What machines send each other. A letter of a newer version that is not understood here is dropped. */
export const letterSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('refresh'), call, id: idSchema, force: z.boolean().optional() }),
  z.object({ type: z.literal('login'), call, id: idSchema, device: z.boolean() }),
  /** To the sign-in that began with this call. */
  z.object({ type: z.literal('answer'), call, text: textSchema }),
  z.object({ type: z.literal('cancel'), call }),
  /** The request has arrived, and its answer follows. */
  z.object({ type: z.literal('taken'), call }),
  z.object({ type: z.literal('refreshed'), call, session: sessionSchema }),
  /** `now`: by the clock of the machine that signs in. */
  z.object({ type: z.literal('started'), call, started: startedLoginSchema, now: z.number() }),
  z.object({ type: z.literal('moved'), call, state: loginStateSchema }),
  z.object({
    type: z.literal('refused'),
    call,
    // A newer version may have other codes.
    code: z.enum(ERROR_CODES).catch('KA_FLEET_FAILED'),
    details: z.record(z.string(), z.unknown()),
  }),
]);

export type LetterContent = Infer<typeof letterSchema>;
type Of<Type extends LetterContent['type']> = Extract<LetterContent, { type: Type }>;

export type Request = Of<'refresh' | 'login'>;
export type Answer = Of<'refreshed' | 'started' | 'refused'>;
export type { Of as LetterOf };
