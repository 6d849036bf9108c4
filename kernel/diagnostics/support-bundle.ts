import { readdir, readFile, stat } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import { findUserHome, type Home } from '../../sdk/system/home.ts';
import type { SupportBundle } from '../../sdk/contract/rpc.ts';
import type { ResolvedConfig } from '../config/config.ts';
import { outlineOf } from '../config/options.ts';
import { isMissing } from '../../runtime/files/errno.ts';
import { nameOf, optionsOf } from '../plugins/loader.ts';
import type { RpcHandlers } from '../rpc/methods.ts';
import type { Scrubber } from '../../runtime/log/redact.ts';
import type { KernelOptions } from '../wiring/tokens.ts';

const ATTEMPTS = 200;
const LOG_LINES = 500;

/** What the API answers, the form of the configuration, and the end of the log. The whole is scrubbed once more. */
export async function makeBundle(
  handlers: RpcHandlers,
  { home, env, armed }: KernelOptions,
  { plugins }: ResolvedConfig,
  scrubber: Scrubber,
): Promise<SupportBundle> {
  // First: the scrubber learns secrets when the credentials are inspected.
  const findings = await handlers['doctor/run'](undefined);
  const bundle: SupportBundle = {
    madeAt: Date.now(),
    daemon: armed,
    kernel: await handlers['kernel/info'](undefined),
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    environment: Object.keys(env).toSorted(),
    findings,
    config: await handlers['config/show'](undefined),
    entries:
      plugins === 'discover'
        ? []
        : plugins.map(entry => ({ module: nameOf(entry), options: outlineOf(optionsOf(entry)) })),
    files: await filesIn(home),
    plugins: await handlers['plugin/list'](undefined),
    sessions: await handlers['session/list'](undefined),
    notices: await handlers['notice/list'](undefined),
    attempts: await handlers['session/history']({ limit: ATTEMPTS }),
    log: await lastLines(home.log),
  };
  return scrubber.clean(withoutUserHome(bundle, findUserHome(env)));
}

async function lastLines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  return text.split('\n').filter(Boolean).slice(-LOG_LINES);
}

/** Other files in the home are not listed. */
const OURS = /^(endpoint|states|settings|starting|history|keepalived)\b/;

async function filesIn({ stateDir, journal }: Home): Promise<SupportBundle['files']> {
  const names = async (folder: string) => readdir(folder).catch(() => []);
  const ours = [
    ...(await names(stateDir)).filter(name => OURS.test(name)),
    ...(await names(journal)).map(name => `journal/${name}`),
  ];
  const files = await Promise.all(
    ours.map(async name => {
      const facts = await stat(join(stateDir, name)).catch(() => undefined);
      return facts
        ? [{ name, bytes: facts.size, mode: (facts.mode & 0o777).toString(8), modifiedAt: Math.floor(facts.mtimeMs) }]
        : [];
    }),
  );
  return files.flat();
}

/** The path of the user's home contains the user's name. */
function withoutUserHome(bundle: SupportBundle, userHome: string | undefined): SupportBundle {
  if (!userHome) return bundle;
  const quoted = JSON.stringify(userHome).slice(1, -1);
  return quoted.length > 1 ? JSON.parse(JSON.stringify(bundle).replaceAll(quoted, '~')) : bundle;
}
