import type { Command } from '../../context/command.ts';
import { renderHistory } from '../../render/attempts.ts';

export const history: Command = async ({ args: [id], options: { limit }, kernel }) => {
  const attempts = await (await kernel()).request('session/history', { limit, ...(id === undefined ? {} : { id }) });
  return { document: attempts, text: view => renderHistory(attempts, view) };
};
