import type { KeepaliveClient } from '../client/client.ts';
import type { Logger } from './logger.ts';
import type { Cleanup } from '../base/cleanup.ts';

/** The files of a page by their path within it; `index.html` is where it begins. */
export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly body: Uint8Array }>;

export type FrontendContext = {
  /** Connected like any other client, over the loopback socket. */
  readonly client: KeepaliveClient;
  readonly log: Logger;
  /** Shows a page from the kernel's own port, to browsers that came by a link of `page/open`. It is read when it is first asked for. */
  readonly serve: (read: () => Promise<PageFiles>) => Cleanup;
  /** Aborted when the kernel stops. */
  readonly signal: AbortSignal;
};

/** Shows sessions to people and lets them steer. Started by the kernel, sees it only through the client. */
export interface FrontendPlugin {
  readonly kind: 'frontend';
  readonly id: string;
  start(context: FrontendContext): Promise<Cleanup | void>;
}

export const defineFrontend = (frontend: Omit<FrontendPlugin, 'kind'>): FrontendPlugin => ({
  ...frontend,
  kind: 'frontend',
});
