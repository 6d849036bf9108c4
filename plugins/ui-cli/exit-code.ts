import { isKeepaliveError, type ErrorCode } from '../../sdk/contract/errors.ts';
import { isExpired, isFailing, needsLogin, type Session } from '../../sdk/contract/session.ts';
import { refusedParams } from './failure.ts';
import type { Overview } from './render/sessions.ts';
import { UsageError } from './usage-error.ts';

/** What the shell is told, for scripts, cron and CI to rely on. */
export const EXIT = { fine: 0, failed: 1, usage: 2, running: 3, noDaemon: 4, login: 5, failing: 6, config: 7 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_CODE: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  KA_KERNEL_RUNNING: EXIT.running,
  KA_RPC_NO_DAEMON: EXIT.noDaemon,
  KA_CONFIG_NOT_FOUND: EXIT.config,
  KA_CONFIG_INVALID: EXIT.config,
  KA_HOME_NEWER: EXIT.config,
};

export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof UsageError || refusedParams(error)) return EXIT.usage;
  return (isKeepaliveError(error) ? BY_CODE[error.code] : undefined) ?? EXIT.failed;
}

/** A needed login outweighs any other trouble: it is the one that only a person can end. */
export function exitCodeOfSessions(sessions: readonly Session[], now: number): ExitCode {
  if (sessions.some(needsLogin)) return EXIT.login;
  return sessions.some(session => isFailing(session) || isExpired(session, now)) ? EXIT.failing : EXIT.fine;
}

/** A plugin that did not load keeps nothing alive, and how many sessions it has is unknown. */
export function exitCodeOf({ sessions, plugins }: Pick<Overview, 'sessions' | 'plugins'>, now: number): ExitCode {
  const ofSessions = exitCodeOfSessions(sessions, now);
  return ofSessions === EXIT.fine && plugins.some(({ status }) => status === 'failed') ? EXIT.failing : ofSessions;
}
