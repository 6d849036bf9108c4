import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { obstacleOf, type Obstacle } from '../../../sdk/gate/known-end.ts';
import { renewalOf } from '../../../sdk/wording/deadlines.ts';
import { describeMs } from '../../../sdk/wording/duration.ts';
import { STATUS_SENTENCES, statusOf } from '../../../sdk/wording/status.ts';
import { relativeAndLocal } from '../../../sdk/wording/time.ts';
import { EXIT, exitCodeOfSessions, type ExitCode } from '../context/exit.ts';
import { adviceOn } from '../render/status.ts';
import { oneLine } from '../render/width.ts';

/** A session that does not pass, and why. */
export type Refusal = { readonly session: Session; readonly obstacle: Obstacle };

export const refusalsOf = (sessions: readonly Session[], minMs: number, now: Instant): readonly Refusal[] =>
  sessions.flatMap(session => {
    const obstacle = obstacleOf(session, minMs, now);
    return obstacle ? [{ session, obstacle }] : [];
  });

/** As `status`. If a session is fine but ends too soon, a login is required when no renewal moves that end. */
export function exitCodeOfRefusals(refusals: readonly Refusal[], now: Instant): ExitCode {
  if (refusals.length === 0) return EXIT.fine;
  const codes = refusals.map(({ session, obstacle }) => {
    const code = exitCodeOfSessions([session], now);
    if (code !== EXIT.fine) return code;
    return obstacle.kind === 'end' && obstacle.isFinal ? EXIT.login : EXIT.failing;
  });
  return codes.includes(EXIT.login) ? EXIT.login : EXIT.failing;
}

/** One line: what is wrong, and the command that mends it. */
export function describeRefusal({ session, obstacle }: Refusal, minMs: number, now: Instant): string {
  const { id } = session;
  const why =
    obstacle.kind === 'end' && obstacle.at > now ? endsSoon(session, obstacle, minMs, now) : stateOf(session, now);
  const needsCommand = !why.includes('`');
  return oneLine(`${id}: ${why}${needsCommand ? ` Run \`keepalive ${commandFor(session)}\`.` : ''}`);
}

const stateOf = (session: Session, now: Instant): string => {
  const advice = adviceOn(session, now);
  const status = `${STATUS_SENTENCES[statusOf(session, now)]}.`;
  return advice === undefined ? status : session.state.name === 'halted' ? `${status} ${advice}` : advice;
};

function endsSoon(session: Session, { at, isFinal }: End, minMs: number, now: Instant): string {
  const end = `${isFinal ? 'Its login ends' : 'It expires'} ${relativeAndLocal(at, now)}`;
  const wanted = minMs > 0 ? `, and --min is ${describeMs(minMs)}` : '';
  return `${end}${wanted}.${isFinal ? ` ${renewalOf(session)}` : ''}`;
}

type End = Extract<Obstacle, { readonly kind: 'end' }>;

function commandFor({ id, state }: Session): string {
  if (state.name === 'halted') return `${state.why === 'paused' ? 'resume' : 'explain'} ${id}`;
  return state.name === 'idle' || state.name === 'waiting' ? `refresh ${id}` : `explain ${id}`;
}
