import { z } from 'zod';
import { isRecord } from '../sdk/base/json.ts';
import { writeDurably } from '../runtime/files/durable.ts';
import { recall } from '../runtime/files/own-file.ts';
import { RepeatedWrite } from '../runtime/files/repeated-write.ts';
import type { Versions } from '../runtime/files/versions.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { secret } from './page-cookie.ts';

const keptPageSchema = z.object({
  /** Digests of its secret path, of its cookie, and of the code that opened it. */
  path: z.string(),
  cookie: z.string(),
  code: z.string(),
  /** Digests of the cookies that it had before, newest first. If one is sent again, there are two copies of it. */
  former: z.array(z.string()),
  openedAt: z.int(),
  seenAt: z.int(),
  /** The frontend whose page it is; absent for the settings page. */
  frontend: z.string().optional(),
});

/** An opened page that outlives the daemon. It contains no secret that opens the page. */
export type KeptPage = Readonly<z.infer<typeof keptPageSchema>>;

export const PAGES_FILE: Versions = { current: 1, steps: {} };

type PagesFile = {
  readonly version: number;
  /** The port of the API when it was last open. Pages are let in only there. */
  readonly port?: number | undefined;
  /** Proves to an open page that this is the daemon that it belongs to. */
  readonly key: string;
  readonly pages: readonly KeptPage[];
};

/** What outlives the daemon, so that an address and an open page stay good after a restart. */
export interface KeptPages {
  readonly port: number | undefined;
  readonly key: string;
  readonly pages: readonly KeptPage[];
  /** Writes later, and one write at a time. */
  save(port: number, pages: () => readonly KeptPage[]): void;
  /** Resolves when everything that was saved is on disk. */
  flush(): Promise<void>;
}

/** Opens `pages.json`. */
export async function openKeptPages(file: string, log: KernelLog): Promise<KeptPages> {
  const { port, key, pages, ...others } = await recall(file, log, { versions: PAGES_FILE, understand });
  const keptKey = key || secret();
  let content = (): Pick<PagesFile, 'port' | 'pages'> => ({ port, pages });
  const write = (): Promise<void> => writeDurably(file, JSON.stringify({ ...others, key: keptKey, ...content() }));
  const warn = (error: unknown): void => log.warn({ file, err: error }, 'the opened pages could not be saved');
  const writing = new RepeatedWrite(write, warn);
  return {
    port,
    key: keptKey,
    pages,
    save(nextPort, nextPages) {
      content = () => ({ port: nextPort, pages: nextPages() });
      void writing.run();
    },
    flush: () => writing.end(),
  };
}

/** For a server whose pages end with it. */
export const keepNothing = (): KeptPages => ({
  port: undefined,
  key: secret(),
  pages: [],
  save: () => undefined,
  flush: async () => undefined,
});

/** Page by page: a damaged one does not close the others. */
function understand(json: unknown): PagesFile {
  const { port, key, pages, ...others } = isRecord(json) ? json : {};
  return {
    ...others,
    version: PAGES_FILE.current,
    ...(isPort(port) && { port }),
    key: typeof key === 'string' ? key : '',
    pages: (Array.isArray(pages) ? pages : []).filter(page => keptPageSchema.safeParse(page).success),
  };
}

const isPort = (port: unknown): port is number =>
  typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536;
