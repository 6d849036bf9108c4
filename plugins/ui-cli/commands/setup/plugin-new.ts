import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from '../../context/command.ts';
import { pluginFiles } from '../../templates/plugin/files.ts';
import { UsageError } from '../../context/options.ts';
import { VERSION } from '../../render/sentences.ts';

export const pluginNew: Command = async ({ args: [name = ''], options: { recipe, kind } }) => {
  if (recipe !== undefined && kind !== undefined && kind !== 'provider')
    throw new UsageError(`--recipe is for providers. Leave it out to make a ${kind}.`);
  const folder = resolve(name);
  const id = basename(folder).replace(/^keepalive-plugin-/, '');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw new UsageError(`"${id}" is not a name. Give lower-case letters, digits and dashes, such as acme.`);
  }
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`${folder} already exists; not overwritten.`) : error;
  });
  const files = Object.entries(pluginFiles(id, { ...(recipe && { recipe }), ...(kind && { kind }), version: VERSION }));
  await Promise.all(files.map(([file, text]) => writeFile(join(folder, file), text, { flag: 'wx' })));
  return {
    document: { folder, files: files.map(([file]) => file) },
    text: () =>
      [
        `Created a working plugin in ${folder}`,
        `Try it with \`keepalive plugin test ${name}\`. Its README.md says how it is built and published.`,
        'To use it, add its path, relative to your configuration file, to the plugins there.',
      ].join('\n'),
  };
};
