import { useEffect } from 'preact/hooks';
import type { KernelInfo } from '../../../../sdk/contract/rpc.ts';
import { isFailing, type Instant, type Session } from '../../../../sdk/contract/session.ts';
import { headline } from '../format/labels.ts';
import type { Connection } from '../kernel/model.ts';
import { Moment } from './text.tsx';

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

type MastheadProps = { readonly sessions: readonly Session[] | undefined; readonly connection: Connection };

export function Masthead({ sessions, connection }: MastheadProps) {
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
      <p class="lede">{sessions ? headline(sessions) : ' '}</p>
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

/** Which daemon this is, and its configuration. */
export const Footer = ({
  info: { version, pid, startedAt, home, configFile },
  now,
}: {
  readonly info: KernelInfo;
  readonly now: Instant;
}) => (
  <footer class="footer">
    <p>
      Version {version}, process {pid}, started <Moment at={startedAt} now={now} />. Home: <code>{home}</code>
    </p>
    <p>
      {configFile === null ? (
        'There is no configuration file, so every tool found here is kept alive.'
      ) : (
        <>
          The configuration is <code>{configFile}</code>.
        </>
      )}{' '}
      Changes made here are saved in <code>settings.json</code>.
    </p>
  </footer>
);
