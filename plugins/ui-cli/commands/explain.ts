import type { Command } from '../command.ts';
import { wrap } from '../render/width.ts';

export const explain: Command = async ({ args: [id = ''], kernel }) => {
  const explanation = await (await kernel()).request('session/explain', { id });
  return {
    document: explanation,
    text: ({ width }) =>
      explanation.text
        .split('\n')
        .map(line => wrap(line, width))
        .join('\n'),
  };
};
