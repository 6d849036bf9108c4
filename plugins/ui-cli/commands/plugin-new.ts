import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from '../command.ts';
import { pluginFiles } from '../templates/plugin.ts';
import { UsageError } from '../usage-error.ts';

export const pluginNew: Command = async ({ args: [name = ''] }) => {
  const id = name.replace(/^keepalive-plugin-/, '');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw new UsageError(`"${name}" is not a name. Give lower-case letters, digits and dashes, such as acme.`);
  const folder = resolve(name);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`There is something already, and it is left alone: ${folder}`) : error;
  });
  const files = Object.entries(pluginFiles(id));
  await Promise.all(files.map(([file, text]) => writeFile(join(folder, file), text, { flag: 'wx' })));
  return {
    document: { folder, files: files.map(([file]) => file) },
    text: () => [
      `A plugin that works, in ${folder}`,
      `Try it:  keepalive plugin test ${name}`,
      `Use it:  add './${name}' to the plugins of your configuration, with the path as seen from there`,
    ].join('\n'),
  };
};
