import type { Command } from '../command.ts';
import { renderPlan } from '../render/plan.ts';

export const plan: Command = async ({ options, daemon, kernel, now }) => {
  const running = await daemon().catch(() => undefined);
  const client = running ?? (await kernel());
  const until = now() + options.for;
  const [attempts, sessions] = await Promise.all([
    client.request('session/plan', { until }),
    client.request('session/list'),
  ]);
  return {
    document: attempts,
    text: view => renderPlan({ attempts, sessions, until, isRunning: running !== undefined }, view),
  };
};
