import { z } from 'zod';
import { instantSchema, named } from './base-schema.ts';
import { method, noneSchema } from './rpc-base-schema.ts';

/** A plugin and its options, as `session/add` takes them. */
const addition = {
  /** The built-in provider: `codex`. */
  plugin: z.string().min(1).max(200),
  /** Its options, as in the configuration: `{ id: 'codex-work', home: '~/.codex-work' }`. */
  options: z.record(z.string(), z.unknown()),
};

export interface AdditionSchema extends z.ZodObject<typeof addition> {}
export const additionSchema: AdditionSchema = named(
  'Addition',
  'A session that a user added in a frontend. It is kept in `settings.json`, never in the configuration.',
  z.object(addition),
);

const tool = {
  /** The built-in provider: `claude`. */
  plugin: z.string(),
  displayName: z.string(),
  /**
   * `kept`: a session keeps its login alive; `not-kept`: it is signed in, but no session keeps it;
   * `signed-out`: its program is installed, but there is no login; `missing`: neither was found;
   * `unreadable`: there is a login that cannot be read.
   */
  status: z.enum(['kept', 'not-kept', 'signed-out', 'missing', 'unreadable']),
  /** The path of its program, if it is installed. */
  program: z.string().optional(),
  /** Where its login is, or was looked for: paths, or names of stores. */
  places: z.array(z.string()),
  /** The sessions that keep this tool alive. */
  sessions: z.array(z.string()),
  expiresAt: instantSchema.optional(),
  loginExpiresAt: instantSchema.optional(),
  /** What the user can do next: a sentence, with commands in backquotes. */
  action: z.string().optional(),
  /** What `session/add` takes to keep a login that is not kept. */
  offer: additionSchema.optional(),
};

export interface ToolSchema extends z.ZodObject<typeof tool> {}
export const toolSchema: ToolSchema = named(
  'Tool',
  'A tool that can be kept alive without a configuration: whether it was found on this machine, and what to do next.',
  z.object(tool),
);

export const toolMethods = {
  'tool/list': method('Every known tool, found on this machine or not.', noneSchema, z.array(toolSchema)),
  'tool/sessions': method(
    'The ids of the sessions that keep the login which a tool uses with these environment variables. null unsets one.',
    z.strictObject({
      plugin: z.string().min(1).max(200),
      env: z.record(z.string().max(200), z.string().max(4096).nullable()).default({}),
    }),
    z.array(z.string()),
  ),
};
