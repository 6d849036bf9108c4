import { unreachable } from '../../../../sdk/base/unreachable.ts';
import type {
  ConfigView,
  FleetMachine,
  KernelInfo,
  NotifierInfo,
  PlannedAttempt,
  PluginInfo,
  RpcNotifications,
  SessionDay,
  Tool,
  WarmUp,
} from '../../../../sdk/contract/rpc.ts';
import type { Attempt, Instant, Notice, Session } from '../../../../sdk/contract/session.ts';

/** `lost`: no daemon of this page answers. `ended`: it does, and does not let this browser in any more. */
export type Connection = 'connecting' | 'live' | 'lost' | 'ended';

/** The kernel at one moment. */
export type Snapshot = {
  readonly info: KernelInfo;
  readonly sessions: readonly Session[];
  readonly notices: readonly Notice[];
  /** Newest first. */
  readonly attempts: readonly Attempt[];
  /** Whether there are older attempts than these. */
  readonly more: boolean;
  readonly plan: readonly PlannedAttempt[];
  readonly config: ConfigView;
  readonly plugins: readonly PluginInfo[];
  /** The tools that can be kept alive, found here or not. */
  readonly tools: readonly Tool[];
  /** Where notices go. */
  readonly notifiers: readonly NotifierInfo[];
  /** The last 30 days of every session. */
  readonly days: readonly SessionDay[];
  /** Undefined from a daemon that has none to offer. A text says why they cannot be read. */
  readonly warmUps: readonly WarmUp[] | string | undefined;
};

/** What the machines of the fleet have shown. */
export type FleetView = {
  readonly machines: readonly FleetMachine[];
  /** Why they could not be read again, for the user. */
  readonly trouble?: string | undefined;
};

/** Where a sign-in is that this page has started. */
export type SignInChange = Parameters<RpcNotifications['login/didChange']>[0];

export type Model = {
  readonly connection: Connection;
  /** How often the connection was made. A lost one may be back before that is drawn. */
  readonly connects: number;
  readonly lostAt?: Instant | undefined;
  /** While the connection is lost: another program answers at this page's address. */
  readonly isTaken?: boolean | undefined;
  readonly snapshot?: Snapshot | undefined;
  /** Undefined without a fleet. */
  readonly fleet?: FleetView | undefined;
  /** The last event, for screen readers. */
  readonly announcement?: string | undefined;
  /** The last change of a sign-in. */
  readonly signIn?: SignInChange | undefined;
};

type ConnectionAction = {
  readonly type: 'connection';
  readonly connection: Connection;
  readonly at: Instant;
  readonly isTaken?: boolean | undefined;
};

export type Action =
  | ConnectionAction
  | { readonly type: 'snapshot'; readonly snapshot: Partial<Snapshot> }
  | { readonly type: 'fleet'; readonly fleet: FleetView | undefined }
  | { readonly type: 'sign-in'; readonly change: SignInChange | undefined }
  | { readonly type: 'session'; readonly session: Session }
  | { readonly type: 'attempt'; readonly attempt: Attempt }
  | { readonly type: 'older'; readonly attempts: readonly Attempt[]; readonly more: boolean }
  | { readonly type: 'raised' | 'cleared'; readonly notice: Notice };

export const START: Model = { connection: 'connecting', connects: 0 };

/** The model after the action. */
export function reduce(model: Model, action: Action): Model {
  if (model.connection === 'ended') return model;
  const { snapshot } = model;
  if (action.type === 'connection') {
    const { connection, at, isTaken } = action;
    const lostAt = connection === 'live' ? undefined : (model.lostAt ?? (snapshot && at));
    const connects = model.connects + (connection === 'live' && model.connection !== 'live' ? 1 : 0);
    return { ...model, connection, connects, lostAt, isTaken: isTaken || undefined };
  }
  if (action.type === 'fleet') return { ...model, fleet: action.fleet };
  if (action.type === 'sign-in') return { ...model, signIn: action.change };
  if (action.type === 'snapshot') {
    const next = isWhole(action.snapshot) ? action.snapshot : snapshot && { ...snapshot, ...action.snapshot };
    return { ...model, snapshot: next };
  }
  const announcement = action.type === 'raised' ? action.notice.title : model.announcement;
  return snapshot ? { ...model, announcement, snapshot: updated(snapshot, action) } : model;
}

const MEMBERS: Readonly<Record<keyof Snapshot, true>> = {
  info: true,
  sessions: true,
  notices: true,
  attempts: true,
  more: true,
  plan: true,
  config: true,
  plugins: true,
  tools: true,
  notifiers: true,
  days: true,
  warmUps: true,
};

const isWhole = (snapshot: Partial<Snapshot>): snapshot is Snapshot =>
  Object.keys(MEMBERS).every(member => Object.hasOwn(snapshot, member));

type Change = Exclude<Action, { readonly type: 'connection' | 'snapshot' | 'fleet' | 'sign-in' }>;

const isSame = (one: Attempt, other: Attempt): boolean => one.id === other.id && one.startedAt === other.startedAt;

function updated(snapshot: Snapshot, change: Change): Snapshot {
  const { sessions, attempts, notices } = snapshot;
  switch (change.type) {
    case 'session': {
      const { session } = change;
      const isKnown = sessions.some(({ id }) => id === session.id);
      return {
        ...snapshot,
        sessions: isKnown ? sessions.map(one => (one.id === session.id ? session : one)) : [...sessions, session],
      };
    }
    case 'attempt':
      return attempts.some(one => isSame(one, change.attempt))
        ? snapshot
        : { ...snapshot, attempts: [change.attempt, ...attempts] };
    case 'older':
      return { ...snapshot, attempts: [...attempts, ...change.attempts], more: change.more };
    // A recovery is announced but not listed: there is nothing to do about it.
    case 'raised':
      return change.notice.code === 'recovered'
        ? snapshot
        : { ...snapshot, notices: [...notices.filter(({ id }) => id !== change.notice.id), change.notice] };
    case 'cleared':
      return { ...snapshot, notices: notices.filter(({ id }) => id !== change.notice.id) };
    default:
      return unreachable(change);
  }
}
