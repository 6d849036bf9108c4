import type { TestReport } from '../../../../sdk/testing/index.ts';
import type { Command } from '../../context/command.ts';
import { EXIT } from '../../context/exit.ts';
import { renderPlugins } from '../../render/plugins.ts';
import type { View } from '../../render/view.ts';
import { wrap } from '../../render/width.ts';
import { importPlugin } from './import-plugin.ts';

export const pluginList: Command = async ({ kernel }) => {
  const plugins = await (await kernel()).request('plugin/list');
  return { document: plugins, text: view => renderPlugins(plugins, view) };
};

export const pluginTest: Command = async ({ args: [path = ''], home }) => {
  const factory = await importPlugin(path, home.stateDir);
  const { testProvider } = await import('../../../../sdk/testing/index.ts');
  const report = await testProvider(factory);
  return {
    document: report,
    text: view => renderReport(report, view),
    exitCode: report.passed ? EXIT.fine : EXIT.failed,
  };
};

/** A check of the plugin itself has no scenario. */
const nameOf = (name: string, scenario: string): string => (scenario ? `${name}, when ${scenario}` : name);

function renderReport({ provider, checks }: TestReport, { paint, width }: View): string {
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
    `${provider} ${verdict}.`,
  ].join('\n');
}
