import type { ConfigView } from '../../../sdk/contract/rpc.ts';
import { ORIGIN_LABELS } from '../../../sdk/wording/labels.ts';
import { listed } from '../../../sdk/wording/sentence.ts';
import { refusedText, renderRemark } from './overview.ts';
import { renderTable, type Column } from './table.ts';
import type { View } from './view.ts';

const COLUMNS: readonly Column[] = [
  { title: 'SESSION', rank: 1, min: 16 },
  { title: 'KEY', rank: 0 },
  { title: 'VALUE', rank: 0, min: 12 },
  { title: 'FROM', rank: 2, min: 8 },
];

/** The values in force and where each comes from. */
export function renderConfig(
  { file, plugins, fleet, values }: ConfigView,
  problem: string | undefined,
  view: View,
): string {
  const rows = values.map(({ session, key, value, origin }, at) => [
    { text: values[at - 1]?.session === session ? '' : session, style: 'bold' as const },
    { text: key },
    { text: inWords(value) },
    { text: ORIGIN_LABELS[origin], style: origin === 'default' ? ('dim' as const) : undefined },
  ]);
  return [
    `Configuration: ${file ?? 'none; every tool found here is kept alive'}`,
    ...(problem === undefined ? [] : [renderRemark(`${refusedText(problem)} What follows is from before.`, view)]),
    `Plugins: ${plugins.join(', ') || 'none'}`,
    ...(fleet ? [describeFleet(fleet)] : []),
    ...(rows.length ? ['', renderTable(COLUMNS, rows, view)] : []),
  ].join('\n');
}

function describeFleet({ plugin, machine, accepts }: NonNullable<ConfigView['fleet']>): string {
  const rights = accepts.length > 0 ? `${listed(accepts)} here` : 'do nothing here';
  return `Fleet: ${machine}, by ${plugin}. Other machines may ${rights}.`;
}

const inWords = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(inWords).join(' ') || 'none';
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, part]) => `${key} ${inWords(part)}`)
    .join(', ');
};
