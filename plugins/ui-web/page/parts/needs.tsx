import type { Attention } from '../../../../sdk/wording/attention.ts';
import { Icon } from './icon.tsx';

const SHOWN = 6;

/** What needs the user, each with a link to its session. What has no session has a notice below. */
export function Needs({ items }: { readonly items: readonly Attention[] }) {
  const sessions = items.filter(({ kind }) => kind === 'session');
  if (sessions.length === 0) return null;
  const rest = sessions.length - SHOWN;
  return (
    <ul class="needs" aria-label="What needs you">
      {sessions.slice(0, SHOWN).map(({ id, level, title }) => (
        <li key={id}>
          <a href={`#session-${id}`} class={`tone-${level === 'error' ? 'bad' : 'warn'}`}>
            <Icon sign={level === 'error' ? 'cross' : 'triangle'} /> {title}
          </a>
        </li>
      ))}
      {rest > 0 && (
        <li>
          <a href="#overview">and {rest} more</a>
        </li>
      )}
    </ul>
  );
}
