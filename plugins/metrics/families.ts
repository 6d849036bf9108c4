import type { Instant, Session } from '../../sdk/contract/session.ts';
import { STATES_WITH_REASON } from '../../sdk/wording/status.ts';

/** What the metrics of a session are made from. */
export type Watched = {
  readonly session: Session;
  /** How many attempts ended with each outcome, since the daemon started. */
  readonly outcomes: ReadonlyMap<string, number>;
};

/** A value, and its labels beside `session`. */
export type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** A metric with series for each session. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly of: (watched: Watched) => readonly Sample[];
};

const gauge = (name: string, help: string, of: (session: Session) => readonly Sample[]): Family => ({
  name,
  help,
  type: 'gauge',
  of: ({ session }) => of(session),
});

/** Without a time there is no series: 0 would be a time in 1970. */
const time = (at: Instant | undefined): readonly Sample[] => (at === undefined ? [] : [[at / 1_000]]);

const STATE_NAMES = Object.keys(STATES_WITH_REASON);

/** The metrics of a session, in the order in which they are shown. */
export const FAMILIES: readonly Family[] = [
  gauge('keepalive_session_info', 'What keeps the session alive, and how.', ({ provider, method }) => [
    [1, { provider: providerLabel(provider), method }],
  ]),
  gauge('keepalive_session_state', '1 for the state that the session is in, and 0 for the others.', ({ state }) =>
    STATE_NAMES.map(name => [Number(name === state.name), { state: name }]),
  ),
  gauge('keepalive_session_reason', '1 for the reason why the session waits or is halted.', ({ state }) =>
    'why' in state ? [[1, { reason: state.why }]] : [],
  ),
  gauge('keepalive_session_failures', 'Failed attempts in a row.', ({ state }) => [
    ['failures' in state ? state.failures : 0],
  ]),
  gauge('keepalive_session_expires_timestamp_seconds', 'When the credential expires.', ({ expiresAt }) =>
    time(expiresAt),
  ),
  gauge('keepalive_login_expires_timestamp_seconds', 'When the login behind the credential ends.', session =>
    time(session.loginExpiresAt),
  ),
  gauge(
    'keepalive_session_last_success_timestamp_seconds',
    'When the session was last checked and found good.',
    ({ lastSuccessAt }) => time(lastSuccessAt),
  ),
  gauge('keepalive_session_next_attempt_timestamp_seconds', 'When the next attempt is planned.', session =>
    time(session.nextAttemptAt),
  ),
  {
    name: 'keepalive_attempts_total',
    help: 'Attempts since the daemon started, by their outcome.',
    type: 'counter',
    of: ({ outcomes }) => [...outcomes].map(([outcome, count]) => [count, { outcome }]),
  },
];

/** The plugin that keeps a session. Of one that is named by its path, only the last name in it: paths name users. */
export const providerLabel = (provider: string): string =>
  /^([.~/\\]|[a-z]:|file:)/i.test(provider)
    ? provider.replace(/([/\\]index)?\.[cm]?[jt]s$/, '').replace(/^.*[/\\]/, '')
    : provider;
