import type { Tool } from '../../../sdk/contract/rpc.ts';
import { TOOL_LABELS } from '../../../sdk/wording/tools.ts';
import { renderTable } from './table.ts';
import type { View } from './view.ts';

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
      { text: TOOL_LABELS[status] },
      { text: action ?? '' },
    ]),
    view,
  );
