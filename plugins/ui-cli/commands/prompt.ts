import type { Command } from '../command.ts';
import { readStates } from '../prompt/states-file.ts';
import { renderPrompt, summarize } from '../prompt/summary.ts';

export const prompt: Command = async ({ home, now, options: { format } }) => {
  const states = readStates(home.states);
  return {
    document: summarize(states, now(), format === 'waybar' ? undefined : format),
    text: () => renderPrompt(states, now(), format),
  };
};
