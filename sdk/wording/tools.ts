import type { Tool } from '../contract/rpc.ts';

/** How a tool was found, as the end of "Codex: …". */
export const TOOL_LABELS: Readonly<Record<Tool['status'], string>> = {
  kept: 'kept alive',
  'not-kept': 'signed in, but not kept alive',
  'signed-out': 'not signed in',
  missing: 'not installed',
  unreadable: 'its login cannot be read',
};
