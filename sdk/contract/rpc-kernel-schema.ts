import { z } from 'zod';
import { instantSchema, named } from './base-schema.ts';
import { noticeSchema } from './notice-schema.ts';
import { idSchema, method, noneSchema, nothingSchema } from './rpc-base-schema.ts';

const openedPage = {
  openedAt: instantSchema,
  /** The time of its last request. */
  seenAt: instantSchema,
  /** Its open connections to the API: none if its tab was closed. */
  connections: z.int(),
};

export interface OpenedPageSchema extends z.ZodObject<typeof openedPage> {}
export const openedPageSchema: OpenedPageSchema = named(
  'OpenedPage',
  'A browser that a link let in, until it is closed, idle for 12 hours, or 30 days old.',
  z.object(openedPage),
);

const kernelInfo = {
  name: z.string(),
  version: z.string(),
  /** The version of the plugin API. Older daemons do not say it. */
  apiVersion: z.int().optional(),
  pid: z.int(),
  home: z.string(),
  startedAt: instantSchema,
  /** Whether the installed service started it. An older daemon does not say. */
  byService: z.boolean().optional(),
  /** Null if no configuration file was found. */
  configFile: z.string().nullable(),
  /** Why the changed configuration file is not in force: the last valid one still is. */
  configProblem: z.string().optional(),
  /** The version that is installed now: another one after an update, until the daemon is restarted. */
  installedVersion: z.string().optional(),
  /** When the installed files were built again, after the daemon had started. */
  rebuiltAt: instantSchema.optional(),
  /** How many sessions are kept. */
  sessions: z.int(),
  /** How many clients are connected. */
  clients: z.int(),
  /** The settings pages that are open in browsers. */
  pages: z.array(openedPageSchema),
};

export interface KernelInfoSchema extends z.ZodObject<typeof kernelInfo> {}
// Not named KernelInfo: generators of clients give that name to the function type of `kernel/info`.
export const kernelInfoSchema: KernelInfoSchema = named('Kernel', 'The running daemon.', z.object(kernelInfo));

export const kernelMethods = {
  'kernel/info': method('The version, process, home and start of the daemon.', noneSchema, kernelInfoSchema),
  'kernel/stop': method('Stops the daemon cleanly.', noneSchema, nothingSchema),
  'kernel/reload': method(
    'Reads the configuration again. If it is not valid, the last valid one stays in force.',
    noneSchema,
    nothingSchema,
  ),
};

export const pageMethods = {
  'page/open': method(
    'A link to the settings page. It works once, within a minute. ' +
      'With file, also a file that opens it, because other users can see program arguments. ' +
      'With signIn, the page shows the sign-in of that session. ' +
      'With page, the id of a frontend, its page instead.',
    z
      .strictObject({ file: z.boolean().optional(), signIn: idSchema.optional(), page: idSchema.optional() })
      .default({}),
    z.object({ url: z.string(), file: z.string().optional() }),
  ),
  'page/close': method('Closes all open settings pages.', noneSchema, z.object({ closed: z.int() })),
};

export const noticeMethods = {
  'notice/list': method('The current notices.', noneSchema, z.array(noticeSchema)),
};

export const noticeNotifications = {
  'notice/didRaise': { summary: 'A notice was raised.', params: noticeSchema },
  'notice/didClear': { summary: 'The cause of a notice has ended.', params: noticeSchema },
};

export const kernelNotifications = {
  'kernel/willStop': { summary: 'The daemon is stopping.', params: z.object({ reason: z.string() }) },
};
