import { useState } from 'preact/hooks';
import type { WarmUpRun } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { runText } from '../../../../sdk/wording/warm-up.ts';
import { resultLabel } from '../format/warm-ups.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { LabelText, Prose } from './text.tsx';

export const Run = ({ run, now }: { readonly run: WarmUpRun; readonly now: Instant }) => (
  <div>
    <LabelText label={resultLabel(run.result)} />
    <p>
      <Prose text={capitalized(runText(run, now))} />
    </p>
  </div>
);

/** What it did before, on request. */
export function Past({ id, now }: { readonly id: string; readonly now: Instant }) {
  const { request } = useKernel();
  const [runs, setRuns] = useState<readonly WarmUpRun[]>();
  const [failed, setFailed] = useState(false);
  const open = () =>
    request('warmup/history', { id, limit: 20 }).then(setRuns, () => {
      setFailed(true);
    });
  return (
    <details onToggle={({ currentTarget }) => currentTarget.open && void open()}>
      <summary>
        Before that<span class="unseen">: what {id} did</span>
      </summary>
      {failed && <p class="failed">It cannot be read now.</p>}
      {runs && runs.length < 2 && <p class="quiet">Nothing yet.</p>}
      <ul class="past-runs">
        {runs?.slice(1).map(run => (
          <li key={`${run.plannedAt} ${run.endedAt}`}>
            <Run run={run} now={now} />
          </li>
        ))}
      </ul>
    </details>
  );
}
