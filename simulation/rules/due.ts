import { isRecord } from '../../sdk/base/json.ts';
import { Broken } from './rules.ts';

const MINUTE = 60_000;

/** What is due is attempted soon. `now`: by the clock of the machine. */
export function judgeDue({ id, state }: Record<string, unknown>, now: number): void {
  const wakeAt = isRecord(state) ? state['wakeAt'] : undefined;
  if (typeof wakeAt !== 'number' || now - wakeAt <= 2 * MINUTE) return;
  throw new Broken('due-is-attempted', `${String(id)} was due ${Math.round((now - wakeAt) / MINUTE)} min ago.`);
}
