import { z } from 'zod';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import { testPlugin, type PluginReport } from '../../sdk/testing/index.ts';
import { secretsIn } from '../log/option-secrets.ts';
import { Scrubber } from '../log/redact.ts';
import { makePlugin, type MadePlugin } from '../load-module.ts';

const requestSchema = z.object({
  /** As in a configuration: the name of a built-in, a package, or a path. */
  name: z.string(),
  options: z.record(z.string(), z.unknown()),
  /** The files from whose folders a package is resolved, in order. */
  bases: z.array(z.string()).min(1),
  stateDir: z.string(),
});

export type TrialRequest = z.infer<typeof requestSchema>;

export type Trial = PluginReport & { readonly file: string };

export const requestIn = (message: unknown): TrialRequest => requestSchema.parse(message);

/** Removes the secrets of the options from what the plugin says, as the daemon does. */
export function scrubberFor({ options }: TrialRequest): Scrubber {
  const scrubber = new Scrubber();
  for (const secret of secretsIn(options)) scrubber.conceal(secret);
  return scrubber;
}

/** Makes a plugin as the daemon does, and runs the contract tests of its kind on it. */
export async function tryPlugin(request: TrialRequest, began: (what: string) => void): Promise<Trial> {
  began('load');
  const { plugin, file } = await make(request).catch((error: unknown) => {
    throw withReason(error);
  });
  return { ...(await testPlugin(plugin, { began })), file };
}

async function make({ name, options, bases, stateDir }: TrialRequest): Promise<MadePlugin> {
  let missing: unknown;
  for (const base of bases) {
    try {
      return await makePlugin({ name, options }, { base, stateDir });
    } catch (error) {
      if (!isKeepaliveError(error) || error.code !== 'KA_PLUGIN_NOT_FOUND') throw error;
      missing ??= error;
    }
  }
  throw missing;
}

/** What the plugin threw is part of the message: there is no log to read it in. */
function withReason(error: unknown): unknown {
  if (!isKeepaliveError(error) || !(error.cause instanceof Error)) return error;
  const [reason = ''] = error.cause.message.split('\n');
  return new KeepaliveError(error.code, { ...error.details, reason }, error.cause);
}
