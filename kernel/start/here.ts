import 'reflect-metadata';
import { extname } from 'node:path';
import { CODE_EXTENSIONS } from '../../sdk/config-file/config-places.ts';
import { searchConfig, workingFolder } from '../../sdk/config-file/search-config.ts';
import type { Channel } from '../../sdk/client/channel.ts';
import { findConfig } from '../../config/find.ts';
import { channelPair } from '../../server/channel-pair.ts';
import { runsForeignCode } from '../plugins/loader.ts';
import type { KernelStart } from './assembly.ts';
import { serveOnce } from './once.ts';
import { prepareProcess, surviveErrors } from './process.ts';

export type HereOptions = {
  readonly configFile?: string | undefined;
  /** Uses a trusted configuration in the working directory. */
  readonly here?: boolean | undefined;
  readonly tolerant?: boolean | undefined;
};

/** A kernel in this process, and when it has stopped. */
export type KernelHere = { readonly channel: Channel; readonly stopped: Promise<void> };

/**
 * Serves a command in the command's own process, which saves the start of another one. Undefined if code of someone
 * else would run in it, which could print to the command's output or end it: such a kernel needs its own process.
 */
export async function serveHere({ configFile, here, tolerant }: HereOptions): Promise<KernelHere | undefined> {
  const cwd = here ? workingFolder() : undefined;
  const start = { ...prepareProcess(), configFile, cwd, tolerant };
  if (await needsForeignCode(start)) return undefined;
  const [channel, served] = channelPair();
  const { stopped } = await serveOnce(start, served, surviveErrors);
  return { channel, stopped };
}

async function needsForeignCode({ home, configFile, cwd }: KernelStart): Promise<boolean> {
  const found = configFile === undefined ? await searchConfig(home, cwd) : { file: configFile };
  if ('file' in found && CODE_EXTENSIONS.includes(extname(found.file))) return true;
  // A configuration that is refused loads no plugins.
  const plugins = await findConfig(home, configFile, cwd).then(
    config => config.plugins,
    () => [],
  );
  return plugins.some(runsForeignCode);
}
