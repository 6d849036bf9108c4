import type { Access } from '../../../sdk/contract/access.ts';
import { renderTable, type Column } from './table.ts';
import type { View } from './view.ts';

export type ListedMethod = { readonly name: string; readonly access: Access; readonly summary: string };

const COLUMNS: readonly Column[] = [
  { title: 'METHOD', rank: 0 },
  { title: 'ACCESS', rank: 2 },
  { title: 'DOES', rank: 1, min: 20 },
];

export const renderMethods = (methods: readonly ListedMethod[], view: View): string =>
  renderTable(
    COLUMNS,
    methods.map(({ name, access, summary }) => [
      { text: name, style: 'bold' },
      { text: access, style: 'dim' },
      { text: summary },
    ]),
    view,
  );
