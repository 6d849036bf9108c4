import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plain, tableRows } from '../support/docs/markdown.ts';
import { readText, ROOT } from '../support/sources.ts';

test('SECURITY.md lists the hosts of every plugin, and no other', async () => {
  const plugins = readdirSync(`${ROOT}plugins`).toSorted();
  const loadable = plugins.filter(name => existsSync(`${ROOT}plugins/${name}/index.ts`));
  const listed = await Promise.all(
    loadable.map(async name => {
      const { hosts = [] } = await import(`../../plugins/${name}/index.ts`);
      return hosts.map((host: string) => [name, host]);
    }),
  );
  const documented = tableRows(readText('SECURITY.md'), /^## What it connects to/);
  expect(documented.map(([name, host]) => [plain(name), plain(host)])).toEqual(listed.flat());
});
