import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { defineFrontend, type FrontendPlugin, type PageFiles } from '../../sdk/plugin/frontend.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';

const PAGE = fileURLToPath(new URL('./page/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const schema = z.strictObject({
  /** False switches the page off: the kernel then leaves this plugin out. [true] */
  serve: z.boolean().optional(),
});

/** The settings page: a client of the API like any other, in the browser. */
export default function uiWeb(options: z.input<typeof schema> = {}): FrontendPlugin {
  checkOptions(schema, options);
  return defineFrontend({
    id: 'ui-web',
    async start({ client, serve }) {
      // The page has a client in the browser. This one would get every change of every session, for nothing.
      client.close();
      return serve(() => readPage(PAGE));
    },
  });
}

async function readPage(folder: string): Promise<PageFiles> {
  const names = (await readdir(folder, { recursive: true })).filter(name => Object.hasOwn(TYPES, extname(name)));
  const files = names.map(
    async name =>
      [
        name.replaceAll('\\', '/'),
        { type: TYPES[extname(name)] ?? '', body: await readFile(join(folder, name)) },
      ] as const,
  );
  return new Map(await Promise.all(files));
}
