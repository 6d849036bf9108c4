import type { StatesFile } from '../../../sdk/session.ts';
import { summarize } from './summary.ts';

/** The line that `prompt` prints. In the format `waybar`: its JSON. */
export const renderPrompt = (states: StatesFile | undefined, now: number, format: string | undefined): string =>
  (format === 'waybar' ? JSON.stringify(summarize(states, now)) : summarize(states, now, format).text);
