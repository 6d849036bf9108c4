import type { Command } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { renderWarmUps } from '../../render/warm-ups.ts';

export const warmup: Command = async context => {
  const { args, options } = context;
  const [id] = args;
  const { plan } = options;
  if (options.resume && id === undefined) throw new UsageError('Name the warm-up: keepalive warmup ID --resume');
  const client = await context.kernel({ looksOnly: true });
  if (options.resume && id !== undefined) await client.request('warmup/resume', { id });
  const warmUps = await client.request('warmup/list', { plan, ...(id !== undefined && { id }) });
  return { document: warmUps, text: view => renderWarmUps(warmUps, { isDry: options.dryRun === true }, view) };
};
