import { didYouMean } from '../../../../sdk/base/nearest.ts';
import { printableJson } from '../../../../sdk/base/printable.ts';
import { ACCESS, isMethod, METHOD_NAMES } from '../../../../sdk/contract/access.ts';
import type { Command, CommandResult } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { renderMethods } from '../../render/methods.ts';

/** The daemon checks the params of a method, and says what is wrong with them. */
type Unchecked = { request(method: string, ...params: readonly unknown[]): Promise<unknown> };

export const rpc: Command = async ({ args: [method, json], daemon, system }) => {
  if (method === undefined) return listMethods();
  if (!isMethod(method))
    throw new UsageError(
      `There is no method "${method}".${didYouMean(method, METHOD_NAMES)} \`keepalive rpc\` lists all methods.`,
    );
  const params = json === undefined ? [] : [parse(json === '-' ? await system.readInput() : json)];
  const client: Unchecked = await daemon();
  const result = await client.request(method, ...params);
  return { document: result, text: () => printableJson(JSON.stringify(result, null, 2)) };
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `The params are not JSON. Give one object, as in '{"id":"codex"}', or - to read it from stdin.`,
    );
  }
}

async function listMethods(): Promise<CommandResult> {
  const { METHODS } = await import('../../../../sdk/contract/rpc-schema.ts');
  const methods = METHOD_NAMES.filter(isMethod).map(name => ({
    name,
    access: ACCESS[name],
    summary: METHODS[name].summary,
  }));
  return { document: methods, text: view => renderMethods(methods, view) };
}
