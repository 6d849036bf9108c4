import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configSchema, namedEntrySchema } from '../sdk/contract/config-schema.ts';
import { openRpcDocument } from '../sdk/contract/open-rpc.ts';
import { COMMANDS } from '../plugins/ui-cli/commands/table.ts';
import { manPage } from './man-page.ts';

// Writes the documents that the package exports: the API for generators of clients, and the schema of a configuration
// in JSON or YAML for editors. Both are made from the schemas that check them. The manual page, which is installed with
// the package, is made from the table of commands.

const { version }: { readonly version: string } = JSON.parse(readFileSync(place('package.json'), 'utf8'));

const configuration = {
  title: 'Session Keepalive',
  description: 'A configuration of Session Keepalive.',
  ...z.toJSONSchema(configSchema(namedEntrySchema), { target: 'draft-7', io: 'input' }),
};

writeFileSync(place('dist/openrpc.json'), JSON.stringify(openRpcDocument(version), null, 2));
writeFileSync(place('dist/schema.json'), JSON.stringify(configuration, null, 2));
writeFileSync(place('dist/keepalive.1'), manPage(COMMANDS, version));

function place(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}
