import { useCallback, useMemo } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { bySession } from '../format/session-filter.ts';
import type { Snapshot } from '../kernel/model.ts';
import { useNarrow } from '../kernel/use-narrow.ts';
import { useOpened } from '../kernel/use-opened.ts';
import { NO_DAYS } from './day-strip.tsx';
import { SessionCard } from './session-card.tsx';

type Props = { readonly snapshot: Snapshot; readonly sessions: readonly Session[] };

/** A card for each session. On a narrow screen, where they would be a long column, several are folded. */
export function Settings({ snapshot: { config, days }, sessions }: Props) {
  const byId = useMemo(() => bySession(days), [days]);
  const isFolding = useNarrow() && sessions.length > 1;
  const { opened, toggle } = useOpened(useCallback(() => undefined, []));
  return (
    <section id="settings" aria-labelledby="settings-heading">
      <h2 id="settings-heading">Settings</h2>
      <div class="cards">
        {sessions.map(session => (
          <SessionCard
            key={session.id}
            session={session}
            config={config}
            days={byId.get(session.id) ?? NO_DAYS}
            fold={isFolding ? { isOpen: opened.has(session.id), toggle } : undefined}
          />
        ))}
      </div>
    </section>
  );
}
