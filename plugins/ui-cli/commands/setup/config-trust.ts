import { dirname, resolve } from 'node:path';
import { configsHere } from '../../../../sdk/config-file/config-places.ts';
import { KeepaliveError } from '../../../../sdk/contract/errors.ts';
import { distrust, trust } from '../../../../sdk/config-file/trust.ts';
import type { Command, CommandContext } from '../../context/command.ts';
import { infoOf } from '../run/start.ts';

export const configTrust: Command = async context => {
  const {
    args: [given],
    cwd = '.',
    home,
  } = context;
  const [file] = given === undefined ? await configsHere(resolve(cwd)) : [resolve(cwd, given)];
  if (file === undefined)
    throw new Error('This folder has no configuration to trust. Name one: `keepalive config trust FILE`.');
  if (given !== undefined && !(await configsHere(dirname(file))).includes(file)) {
    const hint = 'Only a configuration that is found by its name needs trust. Name any other file with --config.';
    throw new KeepaliveError('KA_CONFIG_NOT_FOUND', { file, hint });
  }
  const record = await trust(file, home);
  await reloadIfUsed(context, record.file);
  const files = Object.keys(record.files);
  return {
    document: record,
    text: () =>
      [
        `Trusted in its current version: ${record.file}`,
        ...files.map(path => `  with ${path}`),
        'If it changes, it is not used until you trust it again.',
      ].join('\n'),
  };
};

/** Reloads a daemon that uses the file: it may have rejected a change that was not trusted yet. */
async function reloadIfUsed(context: CommandContext, file: string): Promise<void> {
  if ((await infoOf(context))?.configFile === file) await (await context.daemon()).request('kernel/reload');
}

export const configDistrust: Command = async ({ args: [given], cwd = '.', home }) => {
  const files = given === undefined ? await configsHere(resolve(cwd)) : [resolve(cwd, given)];
  const distrusted: string[] = [];
  for (const file of files) if (await distrust(file, home)) distrusted.push(file);
  return {
    document: { files: distrusted },
    text: () => (distrusted.length ? `No longer trusted: ${distrusted.join(', ')}` : nothingTrusted(given, files)),
  };
};

const nothingTrusted = (given: string | undefined, files: readonly string[]): string =>
  given === undefined && files.length === 0 ? 'This folder has no configuration.' : 'It was not trusted before either.';
