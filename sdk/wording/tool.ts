import type { Tool } from '../contract/rpc.ts';

/** The status of a tool, without a full stop. Every frontend shows it. */
export const TOOL_LABELS: Readonly<Record<Tool['status'], string>> = {
  kept: 'signed in and kept alive',
  'not-kept': 'signed in, but not kept alive',
  'signed-out': 'installed, but not signed in',
  missing: 'not found',
  unreadable: 'a login was found that cannot be used',
};

/** The same, with the sessions that keep it alive if their ids say more than the tool's name. */
export function describeTool({ plugin, status, sessions }: Tool): string {
  const named = status === 'kept' && sessions.some(id => id !== plugin) ? ` by ${sessions.join(', ')}` : '';
  return `${TOOL_LABELS[status]}${named}`;
}

/** The first sentence of the action: what to do, without the explanations. A dot inside `code` ends no sentence. */
export const shortAction = ({ action }: Pick<Tool, 'action'>): string | undefined =>
  action && /^(?:`[^`]*`|[^`])*?\.(?=\s|$)/.exec(action)?.[0];
