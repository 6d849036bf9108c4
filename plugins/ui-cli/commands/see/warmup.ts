import type { Command, CommandContext, CommandResult } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { renderWarmUps } from '../../render/warm-ups.ts';

/** Of one warm-up, and of each of several. */
const PLAN = { one: 10, each: 3 } as const;
const RUNS = 10;

export const warmup: Command = async context => {
  const { args, options } = context;
  const [id] = args;
  if (options.resume && id === undefined) throw new UsageError('Name the warm-up: keepalive warmup ID --resume');
  return id === undefined ? list(context) : one(id, context);
};

async function list({ options, kernel }: CommandContext): Promise<CommandResult> {
  const client = await kernel({ looksOnly: true });
  const isDry = options.dryRun === true;
  const warmUps = await client.request('warmup/list', { plan: options.plan ?? (isDry ? PLAN.one : PLAN.each) });
  const isRunning = client.origin !== undefined;
  return { document: warmUps, text: view => renderWarmUps({ warmUps, isDry, isRunning }, view) };
}

async function one(id: string, { options, kernel }: CommandContext): Promise<CommandResult> {
  const client = await kernel({ looksOnly: true });
  if (options.resume) await client.request('warmup/resume', { id });
  const [warmUps, history] = await Promise.all([
    client.request('warmup/list', { id, plan: options.plan ?? PLAN.one }),
    client.request('warmup/history', { id, limit: RUNS }),
  ]);
  const shown = { warmUps, history, isDry: options.dryRun === true, isRunning: client.origin !== undefined };
  return {
    document: { warmUp: warmUps[0] ?? null, history },
    text: view => [...(options.resume ? [RESUMED] : []), renderWarmUps(shown, view)].join('\n\n'),
  };
}

const RESUMED = 'It was resumed. Nothing is sent before its next time.';
