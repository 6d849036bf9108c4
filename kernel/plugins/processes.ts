import type { RunningProcess } from '../../sdk/process.ts';

/** The programs running on this machine, everyone's as far as the system tells. Throws where they cannot be listed. */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
  const { default: psList } = await import('ps-list');
  return (await psList()).map(({ pid, name, cmd }) => ({ pid, name, command: cmd || undefined }));
}
