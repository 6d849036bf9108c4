import type { FrontendContext } from '../../sdk/plugin/frontend.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { obstacleOf } from '../../sdk/gate/known-end.ts';
import { STATUS_SENTENCES, statusOf } from '../../sdk/wording/status.ts';
import type { Skip } from './decide.ts';

/** A prompt takes less. */
const NEEDED_MS = 5 * 60_000;

/** The session, once it is alive: if it is not, it is renewed first. Otherwise, why the warm-up is skipped. */
export async function passGate(
  client: Pick<FrontendContext['client'], 'request'>,
  id: string,
  now: () => number,
): Promise<Session | Skip> {
  try {
    const before = await client.request('session/look', { id });
    if (!obstacleOf(before, NEEDED_MS, now())) return before;
    if (before.state.name === 'halted') return notAlive(before, now());
    const after = await client.request('session/refresh', { id });
    return obstacleOf(after, NEEDED_MS, now()) ? notAlive(after, now()) : after;
  } catch (error) {
    if (!isKeepaliveError(error)) throw error;
    return { reason: 'not-signed-in', message: `The session ${id} is not alive. ${error.message}` };
  }
}

export const isSkip = (found: Session | Skip): found is Skip => 'reason' in found;

const notAlive = (session: Session, now: number): Skip => ({
  reason: 'not-signed-in',
  message: `The session ${session.id} is not alive. ${STATUS_SENTENCES[statusOf(session, now)]}.`,
});
