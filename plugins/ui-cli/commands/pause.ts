import type { Command } from '../command.ts';
import { renderSession } from '../render/session-card.ts';

const steer =
  (method: 'session/pause' | 'session/resume'): Command =>
  async ({ args: [id = ''], daemon }) => {
    const session = await (await daemon()).request(method, { id });
    return { document: session, text: view => renderSession(session, view) };
  };

export const pause = steer('session/pause');
export const resume = steer('session/resume');
