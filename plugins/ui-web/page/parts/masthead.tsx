import { useEffect } from 'preact/hooks';
import { isFailing, type Session } from '../../../../sdk/contract/session.ts';
import type { Connection } from '../model.ts';
import { sayAll } from '../words.ts';

const SECTIONS = {
  overview: 'Sessions',
  timeline: 'Timeline',
  settings: 'Settings',
  history: 'History',
  doctor: 'Doctor',
};
const CONNECTIONS: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost',
  ended: 'Ended',
};

export function Masthead({
  sessions,
  connection,
}: {
  readonly sessions: readonly Session[] | undefined;
  readonly connection: Connection;
}) {
  const failing = sessions?.filter(isFailing).length ?? 0;
  useEffect(() => {
    document.title = failing > 0 ? `(${failing}) Session Keepalive` : 'Session Keepalive';
  }, [failing]);
  return (
    <header class="masthead">
      <div class="brand">
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
          <path d="M3 17h7l3-9 5.500 15 3.500-9 1.500 3H29" />
        </svg>
        <h1>Session Keepalive</h1>
        <span class={`link link-${connection}`}>{CONNECTIONS[connection]}</span>
      </div>
      <p class="lede">{sessions ? sayAll(sessions) : ' '}</p>
      {sessions && sessions.length > 0 && (
        <nav aria-label="Sections">
          <ul>
            {Object.entries(SECTIONS).map(([id, name]) => (
              <li key={id}>
                <a href={`#${id}`}>{name}</a>
              </li>
            ))}
          </ul>
        </nav>
      )}
    </header>
  );
}
