import type { Tool } from '../contract/rpc.ts';

/** The status of a tool, without a full stop. Every frontend shows it. */
export const TOOL_LABELS: Readonly<Record<Tool['status'], string>> = {
  kept: 'signed in',
  'not-kept': 'signed in, but no session keeps it alive',
  'signed-out': 'installed, but not signed in',
  missing: 'not found',
  unreadable: 'a login was found that cannot be used',
};

/** The same, with the sessions that keep it alive if their ids say more than the tool's name. */
export function describeTool({ plugin, status, sessions }: Tool): string {
  const named = status === 'kept' && sessions.some(id => id !== plugin) ? ` (${sessions.join(', ')})` : '';
  return `${TOOL_LABELS[status]}${named}`;
}

/** A dot inside `code` or a name ends no sentence. */
const SENTENCE = /\S(?:`[^`]*`|[^`])*?\.(?=\s|$)/g;

/** What to type, without the explanations: for a tool that is not there, how to install it is the first sentence. */
export function shortAction({ status, action = '' }: Pick<Tool, 'status' | 'action'>): string | undefined {
  const [first, second] = action.match(SENTENCE) ?? [];
  return status === 'missing' ? (second ?? first) : first;
}
