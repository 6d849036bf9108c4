import { readFile } from 'node:fs/promises';
import { arch, homedir, platform, release } from 'node:os';
import type { SupportBundle } from '../sdk/rpc.ts';
import { isMissing } from './files/errno.ts';
import type { RpcHandlers } from './rpc/methods.ts';
import type { Scrubber } from './scrub.ts';
import type { KernelOptions } from './tokens.ts';

const ATTEMPTS = 200;
const LOG_LINES = 500;

/** What the API answers anyway, and the end of the log, scrubbed once more as a whole. */
export async function makeBundle(handlers: RpcHandlers, { home, env }: KernelOptions, scrubber: Scrubber): Promise<SupportBundle> {
  // First: to look at the credentials is to learn what must not be shown.
  const findings = await handlers['doctor/run'](undefined);
  const bundle: SupportBundle = {
    madeAt: Date.now(),
    kernel: await handlers['kernel/info'](undefined),
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    environment: Object.keys(env).toSorted(),
    findings,
    config: await handlers['config/show'](undefined),
    plugins: await handlers['plugin/list'](undefined),
    sessions: await handlers['session/list'](undefined),
    notices: await handlers['notice/list'](undefined),
    attempts: await handlers['session/history']({ limit: ATTEMPTS }),
    log: await lastLines(home.log),
  };
  return scrubber.clean(withoutUserHome(bundle, env['HOME'] ?? homedir()));
}

async function lastLines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  return text.split('\n').filter(Boolean).slice(-LOG_LINES);
}

/** Its path has the user's name in it. */
function withoutUserHome(bundle: SupportBundle, userHome: string): SupportBundle {
  const quoted = JSON.stringify(userHome).slice(1, -1);
  return quoted.length > 1 ? JSON.parse(JSON.stringify(bundle).replaceAll(quoted, '~')) : bundle;
}
