import type { KeptPage } from './kept-pages.ts';
import type { Proofs } from './proofs.ts';

/** A visit that is idle for this long ends. */
export const IDLE_LIMIT_MS = 12 * 60 * 60_000;
/** A visit ends after this, however much it is used. */
export const LIFE_MS = 30 * 24 * 60 * 60_000;
/** For this long after a cookie was replaced, the same browser may still send the former one. */
export const REISSUE_MS = 30_000;

/** A browser with access to the page, until the visit ends. */
export type Visit = {
  /** Digests of its secret path, of its cookie, and of the code that opened it. */
  readonly path: string;
  cookie: string;
  readonly code: string;
  /** The frontend whose page it is; undefined for the settings page. */
  readonly frontend?: string | undefined;
  /** Digests of the cookies that it had before, newest first. */
  former: readonly string[];
  readonly openedAt: number;
  seenAt: number;
  /** It is from an earlier run, and its page was not loaded since. */
  isKept: boolean;
  /** The cookie that replaced the former one a moment ago. */
  issued?: { readonly cookie: string; readonly until: number };
  proofs?: Proofs;
  /** Functions that close its connections. */
  readonly connections: Set<() => void>;
  /** Called when it has ended. */
  readonly onEnd: Set<() => void>;
};

export const visitFrom = (page: KeptPage): Visit => ({
  ...page,
  isKept: true,
  connections: new Set(),
  onEnd: new Set(),
});

export const toKept = ({ path, cookie, code, former, openedAt, seenAt, frontend }: Visit): KeptPage => ({
  path,
  cookie,
  code,
  former: [...former],
  openedAt,
  seenAt,
  ...(frontend !== undefined && { frontend }),
});

export const isOver = ({ seenAt, openedAt }: Visit, now: number): boolean =>
  seenAt < now - IDLE_LIMIT_MS || openedAt < now - LIFE_MS;
