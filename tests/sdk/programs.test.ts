import { expect, test } from 'vitest';
import { builtinNames } from '../../runtime/load-module.ts';
import { providerOf, VENDOR_PROGRAMS } from '../../sdk/plugin/programs.ts';
import { readText, filesBelow } from '../support/sources.ts';

test.each([
  ['claude', 'claude'],
  ['/usr/local/bin/codex', 'codex'],
  ['C:\\tools\\claude.CMD', 'claude'],
  ['claude-code', undefined],
  ['sh', undefined],
  ['', undefined],
])('the provider of %j is %j', (command, provider) => {
  expect(providerOf(command)).toBe(provider);
});

test.each(Object.entries(VENDOR_PROGRAMS))('%s is a provider that reads these variables', async (plugin, known) => {
  expect(await builtinNames()).toContain(plugin);
  const source = filesBelow(`plugins/${plugin}`).map(readText).join('\n');
  for (const name of [...known.names, ...known.variables]) expect(source).toContain(name);
});
