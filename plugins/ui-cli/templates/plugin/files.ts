import type { Kind, Recipe } from '../../context/options.ts';
import { command } from './command.ts';
import { cookies } from './cookies.ts';
import { custom } from './custom.ts';
import { frontend } from './frontend.ts';
import { notifier } from './notifier.ts';
import { oauth } from './oauth.ts';
import type { PluginTemplate } from './template.ts';

const RECIPE_TEMPLATES: Readonly<Record<Recipe, PluginTemplate>> = { oauth, cookies, command, custom };

/** What a new plugin is made from. The version of this installation is the one that it is tested with. */
export type NewPlugin = { readonly kind?: Kind; readonly recipe?: Recipe; readonly version?: string };

/** The files of a working plugin that can be published, by name. */
export function pluginFiles(id: string, made: NewPlugin = {}): Readonly<Record<string, string>> {
  const { kind = 'provider', recipe = 'custom', version = '0.1.0' } = made;
  const template = { provider: RECIPE_TEMPLATES[recipe], notifier, frontend }[kind];
  const { source, test } = template(id);
  return {
    'package.json': `${JSON.stringify(manifest(id, version), null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(TSCONFIG, null, 2)}\n`,
    'README.md': readme(id),
    '.gitignore': 'node_modules/\ndist/\n*.tgz\n',
    'index.ts': source,
    'index.test.ts': test,
  };
}

/** The peer is optional: the daemon gives a plugin the installation that runs it, and none is installed beside it. */
const manifest = (id: string, version: string) => ({
  name: `keepalive-plugin-${id}`,
  version: '0.1.0',
  description: `Keeps ${id} signed in: a plugin for Session Keepalive`,
  keywords: ['session-keepalive', 'keepalive-plugin'],
  license: 'MIT',
  type: 'module',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  files: ['dist', '!dist/*.test.*'],
  scripts: { build: 'tsc', test: 'vitest run index.test.ts', prepack: 'npm run build' },
  keepalivePlugin: { apiVersion: 1 },
  peerDependencies: { 'session-keepalive': '^0' },
  peerDependenciesMeta: { 'session-keepalive': { optional: true } },
  devDependencies: { 'session-keepalive': `^${version}`, typescript: '>=5.7', vitest: '^4' },
});

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    // The test imports index.ts, and the build writes index.js.
    rewriteRelativeImportExtensions: true,
    rootDir: '.',
    outDir: 'dist',
    declaration: true,
    types: [],
  },
  include: ['*.ts'],
};

const readme = (id: string): string => `# keepalive-plugin-${id}

A plugin for Session Keepalive. Install it beside your configuration:

\`\`\`sh
npm install keepalive-plugin-${id}
\`\`\`

Then name it there, with its options if you give any:

\`\`\`json
{ "plugins": ["auto", "keepalive-plugin-${id}"] }
\`\`\`

## Development

\`\`\`sh
npm install       # until session-keepalive is on npm: npm install --save-dev PATH-OF-ITS-TARBALL
npm test          # the contract of its kind, and what index.test.ts adds
npm run build     # compiles into dist/, which is what is published
npm publish       # builds first
\`\`\`

\`keepalive plugin test .\` runs the contract as the daemon would run the plugin, from \`dist/\` if it was built.
`;
