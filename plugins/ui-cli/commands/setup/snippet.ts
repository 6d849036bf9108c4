import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { expandHome } from '../../../../sdk/system/home.ts';
import type { Command, CommandContext } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { lastingNode } from '../../service/lasting.ts';
import { SNIPPETS } from '../../prompt/snippets.ts';

/** Our documentation is in the package, beside the programs. */
const FOLDER = join(dirname(createRequire(import.meta.url).resolve('session-keepalive/package.json')), 'docs/snippets');

/** Prints what shows the sessions in a tool. Without a tool, lists them. */
export const snippet: Command = async context => {
  const [name] = context.args;
  const tools = Object.keys(SNIPPETS);
  if (name === undefined) return { document: { tools }, text: () => tools.join('\n') };
  const file = Object.hasOwn(SNIPPETS, name) ? SNIPPETS[name] : undefined;
  if (!file) throw new UsageError(`There is no snippet for "${name}". There is one for ${tools.join(', ')}.`);
  const text = withOurPath(readFileSync(join(FOLDER, file), 'utf8'), extname(file), context);
  return { document: { tool: name, snippet: text }, text: () => text.trimEnd() };
};

/** The formats in which a command is inside a quoted string. */
const QUOTED = ['.toml', '.jsonc', '.kdl'];

/** A status bar is not started by a shell, so its PATH may have neither Node nor this program: both by their path. */
function withOurPath(text: string, format: string, { env }: CommandContext): string {
  const own = env['KEEPALIVE_HOME'];
  const literal = (word: string) => {
    const escaped = word.replaceAll(/[^\w@%+=:,./-]/g, '\\$&');
    return QUOTED.includes(format) ? JSON.stringify(escaped).slice(1, -1) : escaped;
  };
  const program = [lastingNode(process.execPath, env, real), ...process.argv.slice(1, 2)].map(literal).join(' ');
  const home = own ? ` --home ${literal(expandHome(own))}` : '';
  return text.replaceAll(/\bkeepalive (prompt|ui)\b/g, (_, command: string) => `${program} ${command}${home}`);
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
