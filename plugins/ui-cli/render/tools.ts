import type { Tool } from '../../../sdk/contract/rpc.ts';
import { renderTable } from './table.ts';
import type { View } from './view.ts';

const FOUND: Readonly<Record<Tool['status'], string>> = {
  kept: 'kept alive',
  'not-kept': 'signed in, but not kept alive',
  'signed-out': 'not signed in',
  missing: 'not installed',
  unreadable: 'its login cannot be read',
};

/** Which tools can be kept alive, whether each was found here, and what the user can do. */
export const renderTools = (tools: readonly Tool[], view: View): string =>
  renderTable(
    [
      { title: 'TOOL', rank: 0 },
      { title: 'FOUND', rank: 1 },
      { title: 'WHAT TO DO', rank: 2, min: 16 },
    ],
    tools.map(({ displayName, status, action }) => [
      { text: displayName, style: 'bold' },
      { text: FOUND[status] },
      { text: action ?? '' },
    ]),
    view,
  );
