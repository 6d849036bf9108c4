import type { Command } from '../command.ts';
import { renderConfig } from '../render/config.ts';

export const configShow: Command = async ({ kernel }) => {
  const config = await (await kernel()).request('config/show');
  return { document: config, text: view => renderConfig(config, view) };
};

export const configPath: Command = async ({ kernel, home, screen }) => {
  const { file } = await (await kernel()).request('config/show');
  if (file === null) screen.note('No configuration file is in use. `keepalive config init` writes one to start from.');
  return { document: { file, folder: home.configDir }, text: () => file ?? '' };
};
