import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isPath } from '../../../../sdk/config-file/module-path.ts';
import { isRecord } from '../../../../sdk/base/json.ts';
import type { Command } from '../../context/command.ts';
import { EXIT } from '../../context/exit.ts';
import { UsageError } from '../../context/options.ts';
import type { Trial } from '../../processes/spawn-trial.ts';
import { renderPlugins } from '../../render/plugins.ts';
import type { View } from '../../render/view.ts';
import { wrap } from '../../render/width.ts';
import { entryOf } from './plugin-entry.ts';

export const pluginList: Command = async ({ kernel }) => {
  const plugins = await (await kernel()).request('plugin/list');
  return { document: plugins, text: view => renderPlugins(plugins, view) };
};

export const pluginTest: Command = async ({ args: [name = ''], options, home, cwd = '.', system }) => {
  const file = entryOf(name, cwd);
  const bases = [
    join(resolve(cwd), 'keepalive.config.json'),
    options.config,
    join(home.configDir, 'keepalive.config.json'),
  ];
  const report = await system.tryPlugin({
    name: file ?? (isPath(name) && !name.startsWith('~') ? resolve(cwd, name) : name),
    options: await optionsIn(options.options, cwd),
    bases: bases.flatMap(base => (base === undefined ? [] : [resolve(cwd, base)])),
    stateDir: home.stateDir,
  });
  return {
    document: report,
    text: view => renderReport(report, view),
    exitCode: report.passed ? EXIT.fine : EXIT.failed,
  };
};

/** The plugin's options: JSON, or `@FILE` with it. */
async function optionsIn(text: string | undefined, cwd: string): Promise<object> {
  if (text === undefined) return {};
  const json = text.startsWith('@') ? await readFile(resolve(cwd, text.slice(1)), 'utf8') : text;
  const options = parsed(json);
  if (!isRecord(options))
    throw new UsageError('Give --options a JSON object, such as {"id":"work"}, or @FILE with one.');
  return options;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // The caller says what is expected.
  }
}

/** A check of the plugin itself has no scenario. */
const nameOf = (name: string, scenario: string): string => (scenario ? `${name}, when ${scenario}` : name);

function renderReport({ id, file, checks }: Trial, { paint, width }: View): string {
  const failed = checks.filter(({ problem }) => problem !== undefined);
  const verdict = failed.length
    ? `fails ${failed.length} of ${checks.length} contract tests`
    : 'passes the contract tests';
  return [
    ...checks.map(({ name, scenario, problem }) =>
      problem === undefined
        ? `${paint('green', '✓')} ${nameOf(name, scenario)}`
        : `${paint('red', '✗')} ${nameOf(name, scenario)}\n    ${wrap(problem, width - 4, '    ')}`,
    ),
    `${id} ${verdict}.${file === undefined ? '' : ` Tested: ${file}`}`,
  ].join('\n');
}
