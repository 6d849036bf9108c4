import type { Session } from '../../../../sdk/contract/session.ts';
import { isPaused } from '../../../../sdk/wording/controls.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Button, Status } from './controls.tsx';

/** Pauses or resumes every session at once. */
export function AllSessions({ sessions }: { readonly sessions: readonly Session[] }) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  if (sessions.length < 2) return null;
  const running = sessions.filter(session => !isPaused(session));
  // What the policy switches off is not resumed.
  const paused = sessions.filter(session => isPaused(session) && session.policy.enabled);
  const all = (method: 'session/pause' | 'session/resume', some: readonly Session[]) =>
    send(
      request => Promise.all(some.map(({ id }) => request(method, { id }))),
      ({ length }) =>
        `${length} ${length === 1 ? 'session' : 'sessions'} ${method === 'session/pause' ? 'paused' : 'resumed'}.`,
    );
  return (
    <div class="actions all-sessions">
      {running.length > 0 && (
        <Button kind="plain" off={busy || !live} press={() => all('session/pause', running)}>
          Pause all
        </Button>
      )}
      {paused.length > 0 && (
        <Button kind="plain" off={busy || !live} press={() => all('session/resume', paused)}>
          Resume all
        </Button>
      )}
      <Status message={message} />
    </div>
  );
}
