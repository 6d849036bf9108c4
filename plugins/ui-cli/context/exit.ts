import { isKeepaliveError, type ErrorCode } from '../../../sdk/contract/errors.ts';
import { isExpired, isFailing, needsLogin, type Session } from '../../../sdk/contract/session.ts';
import { describeError, describeProblem, isProblems } from '../../../sdk/plugin/describe.ts';
import type { Problem } from '../../../sdk/plugin/options.ts';
import { describeOurs } from '../../../sdk/wording/error.ts';
import { sentence } from '../../../sdk/wording/sentence.ts';
import type { Overview } from '../../../sdk/wording/attention.ts';
import { UsageError } from './options.ts';

/** The exit codes. Scripts, cron and CI rely on them. */
export const EXIT = { fine: 0, failed: 1, usage: 2, running: 3, noDaemon: 4, login: 5, failing: 6, config: 7 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_CODE: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  KA_KERNEL_RUNNING: EXIT.running,
  KA_RPC_NO_DAEMON: EXIT.noDaemon,
  KA_SSH_FAILED: EXIT.noDaemon,
  KA_CONFIG_NOT_FOUND: EXIT.config,
  KA_CONFIG_INVALID: EXIT.config,
  KA_HOME_NEWER: EXIT.config,
  KA_FLEET_NONE: EXIT.config,
  KA_FLEET_FILE: EXIT.config,
};

export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof UsageError || invalidParams(error)) return EXIT.usage;
  return (isKeepaliveError(error) ? BY_CODE[error.code] : undefined) ?? EXIT.failed;
}

/** A required login outweighs other problems, because only the user can fix it. */
export function exitCodeOfSessions(sessions: readonly Session[], now: number): ExitCode {
  if (sessions.some(needsLogin)) return EXIT.login;
  return sessions.some(session => isFailing(session) || isExpired(session, now)) ? EXIT.failing : EXIT.fine;
}

/** A plugin that did not load keeps nothing alive, so it counts as failing. */
export function exitCodeOf({ sessions, plugins }: Pick<Overview, 'sessions' | 'plugins'>, now: number): ExitCode {
  const ofSessions = exitCodeOfSessions(sessions, now);
  return ofSessions === EXIT.fine && plugins.some(({ status }) => status === 'failed') ? EXIT.failing : ofSessions;
}

/** An error for the user: what happened, and what to do. */
export function describeFailure(error: unknown, now: number): string {
  const problems = invalidParams(error);
  if (!problems) return describeError(error, now);
  const [only, ...others] = problems.map(describeProblem);
  return others.length > 0
    ? ['The daemon does not accept this:', ...[only, ...others].map(problem => `  ${problem}`)].join('\n')
    : sentence(`The daemon does not accept this: ${only ?? 'it does not say why'}`);
}

/** The same for programs, as `--json` prints it: a KA code, `usage`, or `failed` for any other error. */
export function documentOfFailure(error: unknown, now: number): object {
  const problems = invalidParams(error);
  if (problems) return { error: { code: 'usage', message: describeFailure(error, now), details: { problems } } };
  const ours = isKeepaliveError(error) ? error : undefined;
  const code = ours?.code ?? (exitCodeOfError(error) === EXIT.usage ? 'usage' : 'failed');
  const message = ours ? describeOurs(ours, now) : describeFailure(error, now);
  return { error: { code, message, details: ours?.details ?? {} } };
}

/** The problems in the params of a request, which are problems in the user's input. */
export function invalidParams(error: unknown): readonly Problem[] | undefined {
  if (!isKeepaliveError(error) || error.code !== 'KA_RPC_INVALID_PARAMS') return undefined;
  const { problems } = error.details;
  return isProblems(problems) ? problems : [];
}
