import { readdir, readFile, stat } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import { findUserHome, type Home } from '../../sdk/system/home.ts';
import type { RpcHandlers, SupportBundle } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import type { ResolvedConfig } from '../../config/resolve.ts';
import { outlineOf } from '../../config/options.ts';
import { isMissing } from '../../sdk/base/errno.ts';
import { nameOf, optionsOf } from '../plugins/loader.ts';
import type { Scrubber } from '../../runtime/log/redact.ts';
import type { KernelOptions } from '../wiring/tokens.ts';

const ATTEMPTS = 200;
const LOG_LINES = 500;

/** The methods of the API whose results a bundle contains. */
export type BundleSources = Pick<
  RpcHandlers,
  'doctor/run' | 'kernel/info' | 'config/show' | 'plugin/list' | 'session/list' | 'notice/list' | 'session/history'
>;

/** Results of the API, the outline of the configuration, and the end of the log. Secrets are removed from all of it. */
export async function makeBundle(
  sources: BundleSources,
  { home, env, armed }: KernelOptions,
  { plugins, fleet }: ResolvedConfig,
  scrubber: Scrubber,
): Promise<SupportBundle> {
  // First, because inspecting the credentials registers their secrets.
  const findings = await sources['doctor/run'](undefined);
  const bundle: SupportBundle = {
    madeAt: Date.now(),
    daemon: armed,
    kernel: await sources['kernel/info'](undefined),
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    environment: Object.keys(env).toSorted(),
    findings,
    config: await sources['config/show'](undefined),
    entries: [...plugins, ...(fleet ? [fleet] : [])].map(entry => ({
      module: nameOf(entry),
      options: outlineOf(optionsOf(entry)),
    })),
    files: await filesIn(home),
    plugins: await sources['plugin/list'](undefined),
    sessions: (await sources['session/list'](undefined)).map(withoutAccount),
    notices: await sources['notice/list'](undefined),
    attempts: await sources['session/history']({ limit: ATTEMPTS }),
    log: await lastLines(home.log),
  };
  return scrubber.clean(withoutUserHome(bundle, findUserHome(env)));
}

const withoutAccount = ({ account: _account, ...session }: Session): Session => session;

async function lastLines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  return text.split('\n').filter(Boolean).slice(-LOG_LINES);
}

/** Other files in the home are not listed. */
const OURS = /^(endpoint|states|settings|starting|history|days|notices|pages|metrics|fleet\.json|keepalived)\b/;

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
