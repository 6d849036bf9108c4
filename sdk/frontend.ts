import type { KeepaliveClient } from './client.ts';
import type { Logger } from './logger.ts';
import type { Cleanup } from './provider.ts';

export type FrontendContext = {
  /** Connected like any other client, over the loopback socket. */
  readonly client: KeepaliveClient;
  readonly log: Logger;
  /** Aborted when the kernel stops. */
  readonly signal: AbortSignal;
};

/** Shows sessions to people and lets them steer. Started by the kernel, sees it only through the client. */
export interface FrontendPlugin {
  readonly kind: 'frontend';
  readonly id: string;
  start(context: FrontendContext): Promise<Cleanup | void>;
}

export const defineFrontend = (frontend: Omit<FrontendPlugin, 'kind'>): FrontendPlugin => ({ ...frontend, kind: 'frontend' });
