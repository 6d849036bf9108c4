import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '../../context/command.ts';
import { renderConfig } from '../../render/config.ts';
import { refusedText } from '../../render/overview.ts';
import { configTemplate } from '../../templates/config.ts';

export const configShow: Command = async ({ kernel }) => {
  const client = await kernel();
  const [config, { configProblem }] = await Promise.all([client.request('config/show'), client.request('kernel/info')]);
  return { document: config, text: view => renderConfig(config, configProblem, view) };
};

export const configPath: Command = async ({ kernel, home, screen }) => {
  const client = await kernel();
  const [{ file }, { configProblem }] = await Promise.all([
    client.request('config/show'),
    client.request('kernel/info'),
  ]);
  if (configProblem !== undefined) screen.note(refusedText(configProblem));
  if (file === null) screen.note(`No configuration file is in use. ${await whatNext(home.configDir)}`);
  return { document: { file, folder: home.configDir }, text: () => file ?? '' };
};

export const configInit: Command = async ({ home: { configDir } }) => {
  await mkdir(configDir, { recursive: true, mode: 0o700 });
  const existing = await existingIn(configDir);
  if (existing) throw new Error(`${join(configDir, existing)} exists already, and was not overwritten.`);
  const file = join(configDir, 'keepalive.config.ts');
  await writeFile(file, configTemplate(), { flag: 'wx', mode: 0o600 });
  return {
    document: { file },
    text: () =>
      [
        `Written: ${file}`,
        'It keeps every tool alive that is found here, as without it. Change it, then run `keepalive restart`.',
      ].join('\n'),
  };
};

const existingIn = async (folder: string): Promise<string | undefined> =>
  (await readdir(folder).catch(() => [])).find(name => /^(keepalive\.config\.|\.keepaliverc)/.test(name));

/** A daemon that started without a file does not look for one. */
async function whatNext(folder: string): Promise<string> {
  const existing = await existingIn(folder);
  return existing === undefined
    ? '`keepalive config init` writes one to start from.'
    : `To use ${join(folder, existing)}, run \`keepalive restart\`.`;
}
