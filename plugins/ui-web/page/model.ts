import type { ConfigView, KernelInfo, PlannedAttempt } from '../../../sdk/contract/rpc.ts';
import type { Attempt, Instant, Notice, Session } from '../../../sdk/contract/session.ts';

/** `ended`: this browser is not let in any more, for the daemon that let it in is gone. */
export type Connection = 'connecting' | 'live' | 'lost' | 'ended';

/** All that the kernel told. */
export type Told = {
  readonly info: KernelInfo;
  readonly sessions: readonly Session[];
  readonly notices: readonly Notice[];
  /** Newest first. */
  readonly attempts: readonly Attempt[];
  /** Whether there are older ones than these. */
  readonly more: boolean;
  readonly plan: readonly PlannedAttempt[];
  readonly config: ConfigView;
};

export type Model = {
  readonly connection: Connection;
  readonly lostAt?: Instant | undefined;
  readonly told?: Told | undefined;
  /** What has just happened, for those who do not see it. */
  readonly announcement?: string | undefined;
};

export type News =
  | { readonly type: 'connection'; readonly connection: Connection; readonly at: Instant }
  | { readonly type: 'told'; readonly told: Partial<Told> }
  | { readonly type: 'session'; readonly session: Session }
  | { readonly type: 'attempt'; readonly attempt: Attempt }
  | { readonly type: 'older'; readonly attempts: readonly Attempt[]; readonly more: boolean }
  | { readonly type: 'raised' | 'cleared'; readonly notice: Notice };

export const START: Model = { connection: 'connecting' };

/** The model after the news. */
export function learn(model: Model, news: News): Model {
  if (model.connection === 'ended') return model;
  if (news.type === 'connection') {
    return {
      ...model,
      connection: news.connection,
      lostAt: news.connection === 'live' ? undefined : (model.lostAt ?? (model.told && news.at)),
    };
  }
  if (news.type === 'told')
    return { ...model, told: isWhole(news.told) ? news.told : model.told && { ...model.told, ...news.told } };
  const announcement = news.type === 'raised' ? news.notice.title : model.announcement;
  return model.told ? { ...model, announcement, told: tell(model.told, news) } : model;
}

const isWhole = (told: Partial<Told>): told is Told =>
  ['info', 'sessions', 'notices', 'attempts', 'more', 'plan', 'config'].every(member => Object.hasOwn(told, member));

function tell(told: Told, news: Exclude<News, { readonly type: 'connection' | 'told' }>): Told {
  switch (news.type) {
    case 'session': {
      const { session } = news;
      const known = told.sessions.some(({ id }) => id === session.id);
      return {
        ...told,
        sessions: known
          ? told.sessions.map(one => (one.id === session.id ? session : one))
          : [...told.sessions, session],
      };
    }
    case 'attempt':
      return { ...told, attempts: [news.attempt, ...told.attempts] };
    case 'older':
      return { ...told, attempts: [...told.attempts, ...news.attempts], more: news.more };
    // That all is well again passes by; there is nothing to do about it.
    case 'raised':
      return news.notice.code === 'recovered'
        ? told
        : { ...told, notices: [...told.notices.filter(({ id }) => id !== news.notice.id), news.notice] };
    case 'cleared':
      return { ...told, notices: told.notices.filter(({ id }) => id !== news.notice.id) };
  }
}

/** Where the value in force of a session's policy comes from. */
export const originOf = ({ values }: ConfigView, session: string, key: string) =>
  values.find(value => value.session === session && value.key === key)?.origin;
