import type { Tool } from '../../sdk/contract/rpc.ts';
import { describeTool } from '../../sdk/wording/tool.ts';
import { info, warning, type Findings } from './findings.ts';

const LEVELS: Readonly<Record<Tool['status'], typeof info>> = {
  kept: info,
  'not-kept': warning,
  'signed-out': info,
  missing: info,
  unreadable: warning,
};

/** What doctor says of tools that no session keeps alive. The others are checked with their sessions. */
export const checkTools = (tools: readonly Tool[]): Findings =>
  tools
    .filter(({ sessions }) => sessions.length === 0)
    .map(tool => {
      const looked = tool.places.length > 0 ? ` (looked in ${tool.places.join(', ')})` : '';
      return LEVELS[tool.status](tool.plugin, `${tool.displayName}: ${describeTool(tool)}${looked}`, tool.action);
    });
