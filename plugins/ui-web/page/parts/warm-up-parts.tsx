import type { WarmUp } from '../../../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import type { Snapshot } from '../kernel/model.ts';
import '../styles/warm-ups.css';
import { AddWarmUp, type Added } from './warm-up-dialog.tsx';
import { WarmUpList } from './warm-up-list.tsx';

type Props = {
  readonly snapshot: Snapshot;
  readonly warmUps: readonly WarmUp[];
  /** The sessions that may have one. */
  readonly choices: readonly Session[];
  readonly now: Instant;
  readonly isAdding: boolean;
  readonly leave: (added?: Added) => void;
};

/** What is loaded only where there is a warm-up, or when one is added. */
export const WarmUpParts = ({ snapshot, warmUps, choices, now, isAdding, leave }: Props) => (
  <>
    {warmUps.length > 0 && <WarmUpList warmUps={warmUps} sessions={snapshot.sessions} now={now} />}
    {isAdding && <AddWarmUp snapshot={snapshot} choices={choices} leave={leave} />}
  </>
);
