import type { Notice, NoticeLevel, Session } from '../../../../sdk/contract/session.ts';
import type { Sign } from '../format/labels.ts';
import { asksForLogin, isReplaced, remedyOfNotice } from '../format/remedies.ts';
import { Icon } from './icon.tsx';
import { RemedyButton } from './remedy-button.tsx';
import { SignInButton } from './sign-in-button.tsx';
import { Moment, Prose } from './text.tsx';

const GRAVITY: readonly NoticeLevel[] = ['error', 'warning', 'info'];
const SIGNS: Readonly<Record<NoticeLevel, Sign>> = { error: 'cross', warning: 'triangle', info: 'circle' };

type Props = {
  readonly notices: readonly Notice[];
  readonly sessions: readonly Session[];
};

/** What the user should know and can do, the gravest first. A notice disappears when its cause has ended. */
export function Notices({ notices, sessions }: Props) {
  if (notices.length === 0) return null;
  const sorted = notices.toSorted(
    (a, b) => GRAVITY.indexOf(a.level) - GRAVITY.indexOf(b.level) || b.raisedAt - a.raisedAt,
  );
  return (
    <section class="notices" aria-label="Notices">
      {sorted.map(notice => (
        <OneNotice key={notice.id} notice={notice} session={sessions.find(({ id }) => id === notice.session)} />
      ))}
    </section>
  );
}

type NoticeProps = { readonly notice: Notice; readonly session: Session | undefined };

function OneNotice({ notice, session }: NoticeProps) {
  const { level, title, body, action, raisedAt } = notice;
  const remedy = remedyOfNotice(notice, session);
  return (
    <article class={`notice notice-${level}`} aria-label={title}>
      <Icon sign={SIGNS[level]} />
      <div>
        <h2>{title}</h2>
        <p>
          <Prose text={body} />
        </p>
        {action !== undefined && action !== body && !isReplaced(notice, session) && (
          <p>
            <Prose text={action} />
          </p>
        )}
        {(remedy || session) && (
          <div class="actions">
            {session && asksForLogin(notice, session) && <SignInButton session={session} />}
            {remedy && <RemedyButton remedy={remedy} subject={title} />}
            {session && (
              <a class="see" href={`#session-${session.id}`}>
                Show {session.displayName}
              </a>
            )}
          </div>
        )}
      </div>
      <p class="since">
        <Moment at={raisedAt} />
      </p>
    </article>
  );
}
