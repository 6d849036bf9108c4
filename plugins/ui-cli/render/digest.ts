import type { KernelInfo, Tool } from '../../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { attentionBeside, worstFirst, type Attention, type Overview } from '../../../sdk/wording/attention.ts';
import { grouped, remarkBeside, remarksOnLoading, type Remark } from './remarks.ts';
import type { Row } from './row.ts';

/** What `status` shows. */
export type ShownOverview = Overview & {
  /** The running daemon. Without one, nothing is promised for later. */
  readonly daemon?: KernelInfo | undefined;
  /** The known tools, if no session is kept. */
  readonly tools?: readonly Tool[] | undefined;
};

export type Beside = Omit<ShownOverview, 'sessions'>;

/** A session, and its row once that was needed. */
export type Entry = { readonly session: Session; readonly row?: Row | undefined };

/** All sessions, arranged to be shown. */
export type Arrangement = {
  /** What needs the user first, the worst on top; the rest in the order of the configuration. */
  readonly entries: readonly Entry[];
  /** Everything that needs the user, the worst first. */
  readonly attention: readonly Attention[];
  /** What needs the user, and then what is good to know; once if it is the same for several sessions. */
  readonly remarks: readonly Remark[];
};

/** An overview, made ready to be rendered. */
export type Digest = Beside &
  Arrangement & {
    readonly headline: string;
    /** Whether there are sessions, and the user has switched off all of them. */
    readonly isOff: boolean;
    /** It holds until then, or until something changes. */
    readonly until: Instant;
  };

export function arrange(entries: readonly Entry[], beside: Beside): Arrangement {
  const needing: Listed[] = [];
  const rest: Entry[] = [];
  const goodToKnow: Remark[] = [];
  for (const entry of entries) {
    const { attention, remark } = entry.row ?? {};
    if (attention) needing.push({ level: attention.level, attention, remark, entry });
    else {
      rest.push(entry);
      if (remark) goodToKnow.push(remark);
    }
  }
  for (const attention of attentionBeside(beside))
    needing.push({ level: attention.level, attention, remark: remarkBeside(attention, beside) });
  const first = worstFirst(needing);
  return {
    entries: [...first.flatMap(({ entry }) => entry ?? []), ...rest],
    attention: first.map(({ attention }) => attention),
    remarks: grouped([...first.flatMap(({ remark }) => remark ?? []), ...goodToKnow, ...remarksOnLoading(beside)]),
  };
}

/** Something that needs the user. An entry if it is a session. */
type Listed = {
  readonly level: Attention['level'];
  readonly attention: Attention;
  readonly remark: Remark | undefined;
  readonly entry?: Entry;
};
