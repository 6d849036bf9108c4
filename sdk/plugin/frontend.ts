import type { KeepaliveClient } from '../client/client.ts';
import type { Logger } from './logger.ts';
import type { Cleanup } from '../base/cleanup.ts';
import type { InspectContext } from './context.ts';
import type { Exec, RunningProcess } from './process.ts';
import type { WarmUps } from './warm-ups.ts';

/** The files of a page by their path. The page starts at `index.html`. */
export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly body: Uint8Array }>;

export type FrontendContext = {
  /** Connected like any other client, over the loopback socket. */
  readonly client: KeepaliveClient;
  readonly log: Logger;
  /**
   * Serves a page on the kernel's port, to browsers that used a link from `page/open` with this frontend's id, which
   * `keepalive ui ID` opens. Read at the first request.
   */
  readonly serve: (read: () => Promise<PageFiles>) => Cleanup;
  /** Aborted when the kernel stops. */
  readonly signal: AbortSignal;
  /** What providers may use too. */
  readonly machine: Machine;
};

/** What a frontend may use of the machine it runs on. */
export type Machine = Pick<InspectContext, 'files' | 'env' | 'now'> & {
  /** Runs a program. A non-zero exit is a result, not an error. */
  readonly exec: Exec;
  /** The programs running on this machine. Throws if they cannot be listed. */
  readonly processes: () => Promise<readonly RunningProcess[]>;
  /**
   * Calls at a time of the wall clock, in milliseconds since the epoch: later if the machine sleeps then, and at once
   * if the clock is set back meanwhile, so that it can be planned again. Returns what cancels that.
   */
  readonly at: (time: number, call: () => void) => Cleanup;
};

/** A user interface. The kernel starts it; it uses the kernel only through the client. */
export interface FrontendPlugin {
  readonly kind: 'frontend';
  readonly id: string;
  start(context: FrontendContext): Promise<Cleanup | void>;
  /** What it sends at chosen times. Only of a built-in: the kernel does not see it of a plugin in its own process. */
  readonly warmUps?: WarmUps | undefined;
}

export const defineFrontend = (frontend: Omit<FrontendPlugin, 'kind'>): FrontendPlugin => ({
  ...frontend,
  kind: 'frontend',
});
