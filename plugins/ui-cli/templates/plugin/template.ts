/** The source of a plugin and its test, for a tool or a site of this name. */
export type PluginTemplate = (id: string) => { readonly source: string; readonly test: string };

/** The beginning of each test: the provider of this name passes the contract. */
export const testHead = (given: string): string => `import { expect, test } from 'vitest';
import { fakeContext, testProvider } from 'session-keepalive/testing';
import create from './index.ts';

${given}

test('it passes the contract of every provider', async () => {
  const { checks } = await testProvider(create);
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
});
`;

/** The same for a plugin of any kind. */
export const contractTest = `import { expect, test } from 'vitest';
import { fakeContext, testPlugin } from 'session-keepalive/testing';
import create from './index.ts';

test('it passes the contract of its kind', async () => {
  const { checks } = await testPlugin(create);
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
});
`;
