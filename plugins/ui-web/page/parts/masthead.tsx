import { useEffect } from 'preact/hooks';
import type { KernelInfo } from '../../../../sdk/contract/rpc.ts';
import type { Attention } from '../../../../sdk/wording/attention.ts';
import type { Connection } from '../kernel/model.ts';
import { Needs } from './needs.tsx';
import { Moment } from './text.tsx';

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost',
  ended: 'Ended',
};

type MastheadProps = {
  /** Empty before the first snapshot. */
  readonly headline: string;
  readonly title: string;
  readonly connection: Connection;
  readonly items: readonly Attention[];
  /** The names of the sections, by their ids. */
  readonly sections: Readonly<Record<string, string>>;
};

export function Masthead({ headline, title, connection, items, sections }: MastheadProps) {
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <header class="masthead">
      <div class="brand">
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
          <path d="M3 17h7l3-9 5.500 15 3.500-9 1.500 3H29" />
        </svg>
        <h1>Session Keepalive</h1>
        <span class={`link link-${connection}`}>{CONNECTIONS[connection]}</span>
      </div>
      <p class="lede">{headline || ' '}</p>
      <Needs items={items} />
      {Object.keys(sections).length > 0 && (
        <nav aria-label="Sections">
          <ul>
            {Object.entries(sections).map(([id, name]) => (
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
export const Footer = ({ info: { version, pid, startedAt, home, configFile } }: { readonly info: KernelInfo }) => (
  <footer class="footer">
    <p>
      Version {version}, process {pid}, started <Moment at={startedAt} />. Home: <code>{home}</code>
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
