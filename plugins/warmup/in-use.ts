import { VENDOR_PROGRAMS } from '../../sdk/plugin/programs.ts';
import type { RunningProcess } from '../../sdk/plugin/process.ts';

/** Runs of a vendor's program in which no person works: an editor's server, and a renewal by keepalive. */
const IN_BACKGROUND = String.raw`["']?\s+(app-server|mcp|mcp-server|auth status|--version)(\s|$)`;

/** Whether a person works with the vendor's program now. If the processes cannot be listed, that is assumed. */
export async function isInUse(provider: string, processes: () => Promise<readonly RunningProcess[]>): Promise<boolean> {
  const names = VENDOR_PROGRAMS[provider]?.names ?? [];
  const running = await processes().catch(() => undefined);
  if (!running) return true;
  // Directly after the program: a person may write such words too.
  const inBackground = new RegExp(String.raw`(^|[\s"'/\\])(${names.join('|')})(\.\w+)?${IN_BACKGROUND}`);
  return running.some(
    ({ name, command = '' }) => names.includes(name.replace(/\.exe$/i, '')) && !inBackground.test(command),
  );
}
