import type { Notice, NoticeLevel } from '../../../../sdk/contract/session.ts';
import type { Sign } from '../format/labels.ts';
import { Icon } from './icon.tsx';
import { Moment, Prose } from './text.tsx';

const GRAVITY: readonly NoticeLevel[] = ['error', 'warning', 'info'];
const SIGNS: Readonly<Record<NoticeLevel, Sign>> = { error: 'cross', warning: 'triangle', info: 'circle' };

/** What the user should know, the gravest first. */
export function Notices({ notices }: { readonly notices: readonly Notice[] }) {
  if (notices.length === 0) return null;
  const sorted = notices.toSorted(
    (a, b) => GRAVITY.indexOf(a.level) - GRAVITY.indexOf(b.level) || b.raisedAt - a.raisedAt,
  );
  return (
    <section class="notices" aria-label="Notices">
      {sorted.map(({ id, level, title, body, action, raisedAt }) => (
        <article key={id} class={`notice notice-${level}`} aria-label={title}>
          <Icon sign={SIGNS[level]} />
          <div>
            <h2>{title}</h2>
            <p>
              <Prose text={body} />
            </p>
            {action !== undefined && action !== body && (
              <p>
                <Prose text={action} />
              </p>
            )}
          </div>
          <p class="since">
            <Moment at={raisedAt} />
          </p>
        </article>
      ))}
    </section>
  );
}
