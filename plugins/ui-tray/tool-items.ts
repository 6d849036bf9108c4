import type { Tool } from '../../sdk/contract/rpc.ts';
import { TOOL_LABELS } from '../../sdk/wording/tool.ts';
import { linesOf, SEPARATOR, text, type MenuItem } from './model.ts';

/**
 * The tools that are not kept alive, and what to do about each. While no session is kept (`isFirstRun`) they are the
 * menu; later only logins that could be kept are shown.
 */
export function toolItems(tools: readonly Tool[], isFirstRun: boolean): readonly MenuItem[] {
  const shown = isFirstRun ? tools : tools.filter(({ status }) => status === 'not-kept');
  return shown.length > 0 ? [...shown.map(toolItem), SEPARATOR] : [];
}

function toolItem({ displayName, status, action, offer }: Tool): MenuItem {
  const label = `${displayName}: ${TOOL_LABELS[status]}`;
  const items = [
    ...linesOf(action ?? '').map(text),
    ...(offer ? [{ label: 'Keep it alive', action: { do: 'add', ...offer } } as const] : []),
  ];
  return items.length > 0 ? { label, items } : text(label);
}
