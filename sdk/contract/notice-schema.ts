import { z } from 'zod';
import { instantSchema, named } from './base-schema.ts';

export const noticeLevelSchema = z.enum(['info', 'warning', 'error']);

export const noticeCodeSchema = z.enum([
  'login-required',
  'login-ends-soon',
  'failing',
  'recovered',
  'plugin-failed',
  'shared-login',
  'port-taken',
  'link-reused',
  'config-refused',
  'warmup-paused',
  'fleet-unreachable',
  'test',
  // Several notices as one message. Only notifiers get it.
  'digest',
]);

const notice = {
  id: z.string(),
  /** The session's id; the plugin's if it has no session; `keepalive` if it concerns the daemon. */
  session: z.string(),
  level: noticeLevelSchema,
  code: noticeCodeSchema,
  title: z.string(),
  body: z.string(),
  /** What the user can do, as a command or an instruction. */
  action: z.string().optional(),
  raisedAt: instantSchema,
};

export interface NoticeSchema extends z.ZodObject<typeof notice> {}
export const noticeSchema: NoticeSchema = named(
  'Notice',
  'Something the user should know. Raised once per state, and cleared when the state ends.',
  z.object(notice),
);
