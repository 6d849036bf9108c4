import { VENDOR_PROGRAMS } from '../../sdk/plugin/programs.ts';
import type { RunningProcess } from '../../sdk/plugin/process.ts';

/** Runs of a vendor's program in which no person works: an editor's server, and a renewal by keepalive. */
const IN_BACKGROUND = /^\s+(app-server|mcp|mcp-server|auth status|--version)(\s|$)/;

/** Whether a person works with the vendor's program now. If the processes cannot be listed, that is assumed. */
export async function isInUse(provider: string, processes: () => Promise<readonly RunningProcess[]>): Promise<boolean> {
  const names = VENDOR_PROGRAMS[provider]?.names ?? [];
  const running = await processes().catch(() => undefined);
  if (!running) return true;
  // A person may write such words too, and the name before them. So only the first name counts.
  const program = new RegExp(String.raw`(?:^|[\s"'/\\])(?:${names.join('|')})(?:\.\w+)?["']?(?=\s|$)(?<rest>.*)`, 's');
  const isInBackground = (command: string) => IN_BACKGROUND.test(program.exec(command)?.groups?.['rest'] ?? '');
  return running.some(
    ({ name, command = '' }) => names.includes(name.replace(/\.exe$/i, '')) && !isInBackground(command),
  );
}
