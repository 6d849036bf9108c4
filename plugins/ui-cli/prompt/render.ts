import type { States } from './states-file.ts';
import { summarize } from './summary.ts';

/** The line that `prompt` prints. In the format `waybar`: its JSON. */
export const renderPrompt = (states: States | undefined, now: number, format: string | undefined): string =>
  format === 'waybar' ? JSON.stringify(summarize(states, now)) : summarize(states, now, format).text;
