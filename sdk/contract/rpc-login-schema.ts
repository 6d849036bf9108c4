import { z } from 'zod';
import { instantSchema, named } from './base-schema.ts';
import { idSchema, method, nothingSchema } from './rpc-base-schema.ts';

const starting = {
  /** The sign-in has begun, and there is nothing to do yet. */
  name: z.literal('starting'),
};

const open = {
  /**
   * The user opens the address, on any device if there is a code to enter there, else on the daemon's machine. The
   * sign-in goes on by itself.
   */
  name: z.literal('open'),
  url: z.string(),
  /** What to enter at the address. */
  userCode: z.string().optional(),
  /** When the code ends. */
  expiresAt: instantSchema.optional(),
};

const code = {
  /** The user opens the address on any device, and `login/answer` takes the code that the vendor shows there. */
  name: z.literal('code'),
  url: z.string(),
  /** Why the last answer was not accepted, for the user. */
  problem: z.string().optional(),
};

const manual = {
  /** keepalive cannot run this sign-in. The user does what `hint` says, and it goes on by itself. */
  name: z.literal('manual'),
  /** A sentence, with commands in backquotes. */
  hint: z.string(),
};

const checking = {
  /** The vendor's program has stored a login, which is checked. */
  name: z.literal('checking'),
};

const confirm = {
  /** The login is of another account than before. `login/answer` takes `keep`; anything else pauses the session. */
  name: z.literal('confirm'),
  /** The account before, masked. */
  before: z.string(),
  /** The account now, masked. */
  after: z.string(),
};

const done = {
  /** The session is signed in and alive. */
  name: z.literal('done'),
};

const failed = {
  name: z.literal('failed'),
  /** An error code. */
  code: z.string(),
  /** What happened, and what the login in the store is now. */
  message: z.string(),
};

const cancelled = {
  name: z.literal('cancelled'),
  /** Set if the login in the store is not the one from before. */
  message: z.string().optional(),
};

type States = [
  z.ZodObject<typeof starting>,
  z.ZodObject<typeof open>,
  z.ZodObject<typeof code>,
  z.ZodObject<typeof manual>,
  z.ZodObject<typeof checking>,
  z.ZodObject<typeof confirm>,
  z.ZodObject<typeof done>,
  z.ZodObject<typeof failed>,
  z.ZodObject<typeof cancelled>,
];

export interface LoginStateSchema extends z.ZodDiscriminatedUnion<States, 'name'> {}
export const loginStateSchema: LoginStateSchema = named(
  'LoginState',
  'Where a sign-in is. The last three end it.',
  z.discriminatedUnion('name', [
    z.object(starting),
    z.object(open),
    z.object(code),
    z.object(manual),
    z.object(checking),
    z.object(confirm),
    z.object(done),
    z.object(failed),
    z.object(cancelled),
  ]),
);

const startedLogin = {
  /** Identifies the sign-in. Only the client that started it may answer or cancel it. */
  login: z.string(),
  /** The session's id. */
  session: z.string(),
  /** The states that ask something of the user, in order: `open`, `code` or `manual`. */
  steps: z.array(z.string()),
  /** The name of the daemon's machine. */
  machine: z.string(),
  /** The kind of account: `Claude account`. */
  account: z.string().optional(),
  /** The vendor's hosts. An address elsewhere is never shown. */
  hosts: z.array(z.string()),
  /** When the sign-in ends if the user does not finish it. */
  endsAt: instantSchema,
};

export interface StartedLoginSchema extends z.ZodObject<typeof startedLogin> {}
export const startedLoginSchema: StartedLoginSchema = named(
  'StartedLogin',
  'A sign-in that has begun.',
  z.object(startedLogin),
);

/** A sign-in's id. */
export const loginSchema = z.string().min(1).max(100);
/** Codes are shorter. They are passed on to a program, so they have no control characters. */
export const textSchema = z
  .string()
  .trim()
  .min(1)
  .max(8_192)
  .regex(/^[^\p{Cc}]+$/u, 'Give one line, without control characters.');

export const loginMethods = {
  'login/start': method(
    "Starts a session's sign-in with the vendor's own program, if none is running for it. With device, prefers a " +
      'sign-in that can be finished on any device. Its states come as `login/didChange`, to this client alone, so ' +
      'this needs a WebSocket. Called again by the same settings page, it answers the running one; with login, it ' +
      'starts none.',
    z.strictObject({ id: idSchema, device: z.boolean().optional(), login: loginSchema.optional() }),
    startedLoginSchema,
  ),
  'login/answer': method(
    'Answers what the sign-in waits for: the code of the vendor, or `keep` or `refuse` for another account.',
    z.strictObject({ login: loginSchema, text: textSchema }),
    nothingSchema,
  ),
  'login/cancel': method('Cancels the sign-in.', z.strictObject({ login: loginSchema }), nothingSchema),
};

export const loginNotifications = {
  'login/didChange': {
    summary: 'A sign-in has moved on. Sent only to the client that started it.',
    params: z.object({ login: z.string(), session: z.string(), state: loginStateSchema }),
  },
};
