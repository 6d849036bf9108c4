import { useMemo, useState } from 'preact/hooks';
import type { PlannedAttempt } from '../../../../sdk/contract/rpc.ts';
import type { Attempt, Instant, Session } from '../../../../sdk/contract/session.ts';
import { OUTCOME_LABELS } from '../../../../sdk/wording/attempt.ts';
import { MANY } from '../format/session-filter.ts';
import { layLanes, layTicks, type Lane } from '../format/timeline.ts';

type Props = {
  readonly sessions: readonly Session[];
  readonly attempts: readonly Attempt[];
  readonly plan: readonly PlannedAttempt[];
  readonly now: Instant;
};

/** At this scale a shorter time changes nothing. */
const STEP_MS = 60_000;
/** Of many sessions, this many have a lane until all are asked for. */
const FIRST = 4;
const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

/** A day back and a day ahead. */
export function Timeline({ sessions, attempts, plan, now }: Props) {
  const at = Math.floor(now / STEP_MS) * STEP_MS;
  const [all, setAll] = useState(false);
  const isCut = sessions.length >= MANY && !all;
  const lanes = useMemo(
    () => layLanes(isCut ? sessions.slice(0, FIRST) : sessions, { attempts, plan }, at),
    [sessions, attempts, plan, at, isCut],
  );
  const ticks = layTicks(at);
  return (
    <section id="timeline" aria-labelledby="timeline-heading">
      <h2 id="timeline-heading">A day back, a day ahead</h2>
      <div class="timeline">
        <div class="lane axis" aria-hidden="true">
          <div class="track">
            {ticks.map(({ at, label, kind }) => (
              <span key={at} class={`tick ${kind}`} style={{ left: percent(at) }}>
                {label}
              </span>
            ))}
            <span class="tick now" style={{ left: '50%' }}>
              now
            </span>
          </div>
        </div>
        <ul>
          {lanes.map(lane => (
            <LaneRow key={lane.id} lane={lane} ticks={ticks.map(({ at }) => at)} />
          ))}
        </ul>
        {isCut && (
          <button type="button" class="plain" onClick={() => setAll(true)}>
            Show all {sessions.length} sessions
          </button>
        )}
        <Legend />
      </div>
    </section>
  );
}

const Legend = () => (
  <p class="legend" aria-hidden="true">
    <span>
      <span class="dot tone-good" /> {OUTCOME_LABELS.refreshed}
    </span>
    <span>
      <span class="dot tone-quiet" /> {OUTCOME_LABELS.fresh}
    </span>
    <span>
      <span class="dot tone-bad" /> trouble
    </span>
    <span>
      <span class="dot planned" /> planned
    </span>
    <span>
      <span class="swatch" /> credential is good
    </span>
  </p>
);

const LaneRow = ({
  lane: { name, marks, life, expiry, loginEnd, text },
  ticks,
}: {
  readonly lane: Lane;
  readonly ticks: readonly number[];
}) => (
  <li class="lane">
    <p class="name" title={name}>
      {name}
      <span class="unseen">. {text}</span>
    </p>
    <div class="track" aria-hidden="true">
      {ticks.map(at => (
        <span key={`tick ${at}`} class="grid" style={{ left: percent(at) }} />
      ))}
      {life && <span class="life" style={{ left: percent(life.from), width: percent(life.to - life.from) }} />}
      <span class="grid now" style={{ left: '50%' }} />
      {expiry !== undefined && <span class="end" title="The credential expires" style={{ left: percent(expiry) }} />}
      {loginEnd !== undefined && <span class="end login" title="The login ends" style={{ left: percent(loginEnd) }} />}
      {marks.map(({ at, tone, text }) => (
        <span
          key={`${tone} ${text}`}
          class={`dot ${tone === 'planned' ? tone : `tone-${tone}`}`}
          title={text}
          style={{ left: percent(at) }}
        />
      ))}
    </div>
  </li>
);
