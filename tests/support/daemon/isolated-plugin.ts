import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLog, type KernelLog } from '../../../runtime/log/log.ts';
import { forker } from '../../../runtime/worker/worker-process.ts';
import { isolator } from '../../../runtime/worker/isolated-plugin.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import type { Plugin } from '../../../sdk/plugin/plugin.ts';
import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import type { ProviderPlugin } from '../../../sdk/plugin/provider.ts';
import { DIST, environment } from './daemon.ts';
import { realContext, temporaryFolder } from '../real-context.ts';
import { onTestFinished } from '../running-test.ts';

export type Options = { readonly options?: object; readonly lingerMs?: number; readonly log?: KernelLog };

/** A plugin in its own process, and all processes that were started for it. */
export type InProcess<P extends Plugin = Plugin> = {
  readonly plugin: P;
  readonly folder: string;
  readonly processes: readonly ChildProcess[];
  readonly concealed: Set<string>;
  readonly dispose: Cleanup;
  /** Another entry of the same module. */
  readonly another: (options: object) => Promise<P>;
};

export async function isolated(
  source: string,
  { options = {}, lingerMs = 50, log = silentLog() }: Options = {},
): Promise<InProcess> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'mine.mjs'), source);
  const processes: ChildProcess[] = [];
  const { concealed, files } = realContext(folder);
  const fork = forker(environment(folder), join(DIST, 'runtime/worker/main.js'));
  const isolate = isolator({
    log,
    lingerMs,
    files,
    home: locateHome({ KEEPALIVE_HOME: folder }),
    conceal: secret => void concealed.add(secret),
    fork: module => {
      const child = fork(module);
      processes.push(child);
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    },
  });
  const make = async (given: object) => {
    const made = await isolate(
      { name: './mine.mjs', options: given },
      { base: join(folder, 'keepalive.config.mjs'), stateDir: folder },
    );
    onTestFinished(made.dispose);
    return made;
  };
  const { plugin, dispose } = await make(options);
  return { plugin, folder, processes, concealed, dispose, another: async given => (await make(given)).plugin };
}

/** The same for a provider. */
export async function isolatedProvider(members: string, options?: Options): Promise<InProcess<ProviderPlugin>> {
  const made = await isolated(
    `export default options => ({
      kind: 'provider', id: 'mine', displayName: 'Mine', refresh: async () => ({ status: 'fresh' }), ${members}
    });`,
    options,
  );
  return { ...made, plugin: providerOf(made.plugin), another: async given => providerOf(await made.another(given)) };
}

function providerOf(plugin: Plugin): ProviderPlugin {
  if (plugin.kind !== 'provider') throw new Error('It is no provider.');
  return plugin;
}

/** Whether a process has ended. */
export const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;
