import type { Command } from '../../context/command.ts';
import { renderPlugins } from '../../render/plugins.ts';

export const pluginList: Command = async ({ kernel }) => {
  const plugins = await (await kernel()).request('plugin/list');
  return { document: plugins, text: view => renderPlugins(plugins, view) };
};
