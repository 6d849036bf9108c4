import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '../command.ts';
import { configTemplate } from '../templates/config.ts';

export const configInit: Command = async ({ home: { configDir }, kernel }) => {
  await mkdir(configDir, { recursive: true, mode: 0o700 });
  const existing = (await readdir(configDir)).find(name => /^(keepalive\.config\.|\.keepaliverc)/.test(name));
  if (existing) throw new Error(`There is a configuration already, and it is left alone: ${join(configDir, existing)}`);
  const plugins = await (await kernel()).request('plugin/list');
  const found = plugins.filter(
    ({ kind, status, module }) => kind === 'provider' && status === 'loaded' && /^[a-z]/.test(module),
  );
  const file = join(configDir, 'keepalive.config.ts');
  await writeFile(file, configTemplate([...new Set(found.map(({ module }) => module))]), { flag: 'wx', mode: 0o600 });
  return {
    document: { file },
    text: () =>
      `Written: ${file}\nIt keeps alive what is kept alive now. A running daemon reads it at \`keepalive restart\`.`,
  };
};
