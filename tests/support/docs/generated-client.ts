import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../sources.ts';

const run = promisify(execFile);
const GENERATOR = join(ROOT, 'node_modules/@open-rpc/typings/build/cli.js');

type Method = { readonly name: string; readonly params: readonly { readonly name: string }[] };

/** As much of an OpenRPC document as a client is made from. */
export type OpenRpcMethods = { readonly methods: readonly Method[] };

/** A client in TypeScript. An independent generator makes its types from the document alone. */
export async function generateClient(document: OpenRpcMethods, folder: string): Promise<string> {
  const typings = await generate(document, folder, 'ts');
  // The generator writes one function type for each method, in the order of the document.
  const types = [...typings.matchAll(/^export type (\w+) = \(.*\) => Promise<.*>;$/gm)].map(([, name]) => name);
  const members = document.methods.map(({ name, params }, index) => {
    const names = JSON.stringify(params.map(param => param.name));
    return `  readonly '${name}': ${types[index]} = (...given) => this.call('${name}', ${names}, given);`;
  });
  return [
    typings,
    'export type Send = (method: string, params: object) => Promise<any>;',
    'export class Client {',
    '  constructor(private readonly send: Send) {}',
    ...members,
    '  private call(method: string, names: readonly string[], given: readonly unknown[]) {',
    '    return this.send(method, Object.fromEntries(given.map((value, index) => [names[index], value])));',
    '  }',
    '}',
  ].join('\n');
}

/** The types in Go, without the name of a package. */
export const generateGo = (document: object, folder: string): Promise<string> => generate(document, folder, 'go');

async function generate(document: object, folder: string, language: 'ts' | 'go'): Promise<string> {
  const file = join(folder, 'openrpc.json');
  writeFileSync(file, JSON.stringify(document));
  await run(process.execPath, [GENERATOR, '-d', file, `--output-${language}`, folder, `--name-${language}`, 'typings']);
  return readFileSync(join(folder, `typings.${language}`), 'utf8');
}
