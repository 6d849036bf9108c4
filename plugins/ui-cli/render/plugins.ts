import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import { renderTable, type Cell, type Column } from './table.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ID', rank: 0, min: 16 },
  { title: 'KIND', rank: 3 },
  { title: 'STATUS', rank: 1 },
  { title: 'MODULE', rank: 4, min: 10 },
  { title: 'RUNS IN', rank: 6 },
  { title: 'LOADED IN', rank: 5 },
  { title: 'ERROR', rank: 2, min: 20 },
];

const STATUS: Readonly<Record<PluginInfo['status'], Cell>> = {
  loaded: { text: '✓ loaded', style: 'green' },
  failed: { text: '✗ failed', style: 'red' },
  loading: { text: '◌ loading', style: 'cyan' },
};

export function renderPlugins(plugins: readonly PluginInfo[], view: View): string {
  if (!plugins.length) return 'No plugin is loaded.';
  const table = renderTable(
    COLUMNS,
    plugins.map(({ id, kind, status, module, isolated, loadMs, error }) => [
      { text: id, style: 'bold' },
      { text: kind },
      STATUS[status],
      { text: module },
      { text: status !== 'loaded' ? '' : isolated ? 'its own process' : 'the daemon' },
      { text: `${Math.round(loadMs)} ms`, style: 'dim' },
      { text: error?.code ?? '' },
    ]),
    view,
  );
  return [table, ...plugins.flatMap(plugin => describeFailure(plugin, view))].join('\n');
}

/** In full below the table, where there is room for each wrong member and the file. */
function describeFailure({ module, error }: PluginInfo, { paint, width }: View): readonly string[] {
  if (!error) return [];
  const where = error.file === undefined ? '' : ` (${error.file})`;
  return ['', `${paint('red', '✗')} ${wrap(`${module}${where}: ${error.message}`, width - 2, '  ')}`];
}
