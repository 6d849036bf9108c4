import type { KeepaliveClient } from '../../../../sdk/client/create-client.ts';
import { needsLogin, type Notice, type Session } from '../../../../sdk/contract/session.ts';
import type { PolicyValue } from './policy-values.ts';

/** Something that a button does about a session or a notice. */
export type Remedy = {
  readonly label: string;
  readonly act: (request: KeepaliveClient['request']) => Promise<unknown>;
  /** Shown when it is done. */
  readonly done: string;
};

const RELOAD: Remedy = {
  label: 'Read the configuration again',
  act: request => request('kernel/reload'),
  done: 'The configuration was read again.',
};

/** What can be done about a session that is not kept alive. It is switched on by its own switch. */
export function remedyOf({ id, state }: Pick<Session, 'id' | 'state'>): Remedy | undefined {
  if (state.name !== 'halted') {
    return state.name === 'waiting' && state.why === 'backoff' ? check(id, 'Try again') : undefined;
  }
  switch (state.why) {
    case 'too-many-failures':
      return { label: 'Try again', act: request => request('session/resume', { id }), done: 'It is tried again.' };
    case 'paused':
      return state.disabled
        ? undefined
        : { label: 'Resume', act: request => request('session/resume', { id }), done: 'Resumed.' };
    default:
      return check(id, 'I signed in: check again');
  }
}

/** What a button beside a notice does. `session` is the one that the notice is about. */
export function remedyOfNotice({ code }: Notice, session: Session | undefined): Remedy | undefined {
  if (code === 'plugin-failed' || code === 'config-refused') return RELOAD;
  if (!session) return undefined;
  return code === 'login-ends-soon' ? check(session.id, 'I signed in: check again') : remedyOf(session);
}

const check = (id: string, label: string): Remedy => ({
  label,
  act: request => request('session/refresh', { id }),
  done: 'Checked.',
});

/** Whether the user signs in to end what the notice is about. */
export const asksForLogin = ({ code }: Notice, session: Session): boolean =>
  needsLogin(session) || code === 'login-ends-soon';

/** Whether the notice sends the user to commands for which the page has a button. */
export const isReplaced = ({ code }: Notice, session: Session | undefined): boolean =>
  code === 'failing' && session?.state.name === 'halted' && session.state.why === 'too-many-failures';

/** Where the session is switched off, because that is where the user looks for the reason. */
export function whyOff(enabled: Pick<PolicyValue, 'origin'> | undefined, configFile: string | null): string {
  if (enabled?.origin === 'settings') return 'You switched this session off here.';
  if (enabled?.origin === 'provider') return 'Its plugin switches this session off.';
  return `${configFile ?? 'The configuration'} switches this session off (enabled: false).`;
}
