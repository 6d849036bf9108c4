import type { Recipe } from '../../context/options.ts';
import { command } from './command.ts';
import { cookies } from './cookies.ts';
import { custom } from './custom.ts';
import { oauth } from './oauth.ts';
import type { PluginTemplate } from './template.ts';

const TEMPLATES: Readonly<Record<Recipe, PluginTemplate>> = { oauth, cookies, command, custom };

/** The files of a working plugin, by name. */
export function pluginFiles(id: string, recipe: Recipe = 'custom'): Readonly<Record<string, string>> {
  const { source, test } = TEMPLATES[recipe](id);
  return { 'package.json': `${JSON.stringify(manifest(id), null, 2)}\n`, 'index.ts': source, 'index.test.ts': test };
}

const manifest = (id: string) => ({
  name: `keepalive-plugin-${id}`,
  version: '0.1.0',
  type: 'module',
  exports: './index.ts',
  files: ['index.ts'],
  scripts: { test: 'vitest run' },
  keepalivePlugin: { apiVersion: 1 },
  peerDependencies: { 'session-keepalive': '^0' },
  devDependencies: { vitest: '^4' },
});
