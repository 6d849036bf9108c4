import type { Instant } from '../../../sdk/contract/session.ts';
import { describeMs } from '../../../sdk/wording/duration.ts';
import { STATUS_LABELS } from '../../../sdk/wording/status.ts';
import type { View } from './view.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** A line for each attempt that is running, by id and start. */
export function renderProgress(running: ReadonlyMap<string, Instant>, { now, paint }: View): string | undefined {
  const frame = FRAMES[Math.floor(now / 200) % FRAMES.length] ?? '';
  if (!running.size) return undefined;
  const line = (id: string, since: Instant) =>
    `${paint('cyan', frame)} ${paint('bold', id)} ${STATUS_LABELS.refreshing}, ${describeMs(now - since)}`;
  return [...running].map(([id, since]) => line(id, since)).join('\n');
}
