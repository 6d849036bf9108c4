import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findConfig } from '../../../config/find.ts';
import { configTemplate } from '../../../plugins/ui-cli/templates/config.ts';
import { isBuiltin, makePlugin } from '../../../runtime/load-module.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { temporaryFolder } from './run-cli.ts';

/** A comment that is a member of a list or of an object, or a line of one. Prose ends otherwise. */
const EXAMPLE = /^( *)\/\/ ((?:[[\]'}]|\s*\w+: ).*[,{])$/gm;

const examplesIn = (text: string): readonly string[] => [...text.matchAll(EXAMPLE)].map(([, , code = '']) => code);

/** What the daemon makes of the text once no example is a comment any more. */
async function used(text: string) {
  const folder = temporaryFolder();
  const file = join(folder, 'keepalive.config.ts');
  writeFileSync(file, text.replace(EXAMPLE, '$1$2'), { mode: 0o600 });
  return { folder, file, config: await findConfig(locateHome({ KEEPALIVE_HOME: folder }), file) };
}

describe.each([
  ['that `config init` writes', configTemplate()],
  ['of this repository', readFileSync(new URL('../../../keepalive.config.ts', import.meta.url), 'utf8')],
])('the configuration %s', (_whose, text) => {
  test('is accepted with every example in it', async () => {
    const { folder, file, config } = await used(text);
    expect(examplesIn(text).length).toBeGreaterThan(10);
    for (const entry of config.plugins) {
      const [name, options = {}] = Array.isArray(entry) ? entry : [entry];
      if (typeof name === 'string' && isBuiltin(name))
        await makePlugin({ name, options }, { base: file, stateDir: folder });
    }
  });
});

test('the examples of `config init` have the default of every member of a policy', async () => {
  const { config } = await used(configTemplate());
  expect(config.policy).toEqual(DEFAULT_POLICY);
  expect(Object.keys(config.sessions)).toEqual(['codex', 'claude', 'augment']);
  expect(config.logLevel).toBe('debug');
});
