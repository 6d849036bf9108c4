import type { UsageWindow } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { reportedText, windowLabel, windowText } from '../../../../sdk/wording/warm-up.ts';
import { usedTone } from '../format/warm-ups.ts';

type Props = {
  readonly windows: readonly UsageWindow[];
  readonly windowsAt: Instant | undefined;
  readonly now: Instant;
};

/** The windows of the account, as the vendor's program reported them last. */
export function UsageWindows({ windows, windowsAt, now }: Props) {
  if (windowsAt === undefined)
    return <p class="quiet">Its usage windows are not known yet. A warm-up that runs reports them.</p>;
  return (
    <div role="group" aria-label="Usage windows">
      {windows.length === 0 && <p>No window is running, as far as is known.</p>}
      <ul class="windows">
        {windows.map(window => (
          <li key={`${window.kind} ${window.resetsAt}`}>
            {window.usedPercent !== undefined && (
              <div
                class={`bar tone-${usedTone(window)}`}
                role="meter"
                aria-label={`${capitalized(windowLabel(window))}, used`}
                aria-valuenow={Math.round(window.usedPercent)}
                aria-valuetext={`${Math.round(window.usedPercent)} %`}
              >
                <span style={{ width: `${window.usedPercent}%` }} />
              </div>
            )}
            <p class="small">{capitalized(windowText(window, now))}</p>
          </li>
        ))}
      </ul>
      <p class="quiet small">{capitalized(reportedText(windowsAt, now))}.</p>
    </div>
  );
}
