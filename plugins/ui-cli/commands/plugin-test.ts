import type { TestReport } from '../../../sdk/testing/index.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { importPlugin } from '../import-plugin.ts';
import type { View } from '../render/view.ts';
import { wrap } from '../render/width.ts';

export const pluginTest: Command = async ({ args: [path = ''], home }) => {
  const factory = await importPlugin(path, home.stateDir);
  const { testProvider } = await import('../../../sdk/testing/index.ts');
  const report = await testProvider(factory);
  return {
    document: report,
    text: view => renderReport(report, view),
    exitCode: report.passed ? EXIT.fine : EXIT.failed,
  };
};

function renderReport({ provider, checks }: TestReport, { paint, width }: View): string {
  const failed = checks.filter(({ problem }) => problem !== undefined);
  return [
    ...checks.map(({ name, scenario, problem }) =>
      problem === undefined
        ? `${paint('green', '✓')} ${name}, when ${scenario}`
        : `${paint('red', '✗')} ${name}, when ${scenario}\n    ${wrap(problem, width - 4, '    ')}`,
    ),
    `${provider} ${failed.length ? `breaks the contract in ${failed.length} of ${checks.length} points` : 'keeps the contract'}.`,
  ].join('\n');
}
