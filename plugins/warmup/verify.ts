import type { UsageWindow, WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import { localTime } from '../../sdk/wording/time.ts';
import type { Sent } from './driver.ts';
import { WINDOW_MS } from './decide.ts';
import { soundWindows } from './state.ts';

const HOUR_MS = 3_600_000;
/** The clocks of this machine and of the vendor may differ. */
const CLOCKS_MS = 5 * 60_000;

export type Effect = Pick<WarmUpRun, 'result' | 'message' | 'windows'>;

/** What a prompt did. Only a window that the vendor's program reports counts as an effect. */
export function effectOf(sent: Sent, sentAt: Instant, now: Instant): Effect {
  const windows = 'windows' in sent ? soundWindows(sent.windows, now) : [];
  if (sent.result === 'failed') return { result: 'failed', message: `No effect: ${sent.reason}`, windows };
  if (sent.result === 'refused') return { result: 'refused', message: `No effect: ${sent.reason}`, windows };
  const short = windows.find(({ kind, resetsAt }) => kind === 'short' && resetsAt > now);
  if (!short)
    return { result: 'no-effect', message: 'No effect: the prompt was answered, and no window was reported.', windows };
  const startsAt = startOf(short);
  const times = `It began at ${localTime(startsAt, now)} and resets at ${localTime(short.resetsAt, now)}.`;
  // A window of claude begins at the hour's floor. One of codex begins with its prompt.
  const isOlder = startsAt < sentAt - CLOCKS_MS && startsAt !== Math.floor(sentAt / HOUR_MS) * HOUR_MS;
  if (isOlder) return { result: 'running', message: `A window was running already. ${times}`, windows };
  return { result: 'started', message: `A window was started. ${times}`, windows };
}

const startOf = ({ startsAt, resetsAt }: UsageWindow): Instant => startsAt ?? resetsAt - WINDOW_MS;
