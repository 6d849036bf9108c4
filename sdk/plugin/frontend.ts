import type { KeepaliveClient } from '../client/client.ts';
import type { Logger } from './logger.ts';
import type { Cleanup } from '../base/cleanup.ts';

/** The files of a page by their path. The page starts at `index.html`. */
export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly body: Uint8Array }>;

export type FrontendContext = {
  /** Connected like any other client, over the loopback socket. */
  readonly client: KeepaliveClient;
  readonly log: Logger;
  /** Serves a page on the kernel's port, to browsers that used a link from `page/open`. Read at the first request. */
  readonly serve: (read: () => Promise<PageFiles>) => Cleanup;
  /** Aborted when the kernel stops. */
  readonly signal: AbortSignal;
};

/** A user interface. The kernel starts it; it uses the kernel only through the client. */
export interface FrontendPlugin {
  readonly kind: 'frontend';
  readonly id: string;
  start(context: FrontendContext): Promise<Cleanup | void>;
}

export const defineFrontend = (frontend: Omit<FrontendPlugin, 'kind'>): FrontendPlugin => ({
  ...frontend,
  kind: 'frontend',
});
