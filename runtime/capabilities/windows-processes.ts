import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isRecord } from '../../sdk/base/json.ts';
import { systemProgram } from '../../sdk/system/search-path.ts';
import type { RunningProcess } from '../../sdk/plugin/process.ts';

/** Programs whose script says what is running. */
const INTERPRETERS: readonly string[] = ['node.exe', 'bun.exe', 'deno.exe', 'python.exe'];

/** Asks Windows for the command lines of these programs, as JSON. */
export type AskForCommands = (names: readonly string[]) => Promise<string>;

/**
 * The processes with the command lines of interpreters, which the list of Windows lacks. They cost a second, so they
 * are asked for only if another interpreter runs. Throws if they are unavailable: it may run a vendor's program.
 */
export async function withCommands(
  all: readonly RunningProcess[],
  own: number,
  ask: AskForCommands = askPowerShell,
): Promise<readonly RunningProcess[]> {
  const isScript = ({ pid, name }: RunningProcess) => pid !== own && INTERPRETERS.includes(name.toLowerCase());
  if (!all.some(isScript)) return all;
  const commands = commandsIn(await ask(INTERPRETERS));
  if (commands.size === 0) throw new Error('The command lines of running programs cannot be read.');
  return all.map(each => ({ ...each, command: commands.get(each.pid) ?? each.command }));
}

/** PowerShell gives a single result without a list around it. Other users' command lines are null. */
export function commandsIn(output: string): ReadonlyMap<number, string> {
  const parsed: unknown = output.trim() === '' ? [] : JSON.parse(output);
  const found: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return new Map(
    found.flatMap(entry => {
      if (!isRecord(entry) || typeof entry['ProcessId'] !== 'number') return [];
      return typeof entry['CommandLine'] === 'string' ? [[entry['ProcessId'], entry['CommandLine']] as const] : [];
    }),
  );
}

/** wmic, which was faster, is not part of new versions of Windows. */
const askPowerShell: AskForCommands = async names => {
  const program = systemProgram('WindowsPowerShell\\v1.0\\powershell.exe', process.env);
  const options = { windowsHide: true, timeout: 20_000, maxBuffer: 16 * 1024 * 1024 };
  return (await promisify(execFile)(program, powershellArgs(names), options)).stdout;
};

export const powershellArgs = (names: readonly string[]): string[] => [
  '-NoProfile',
  '-NonInteractive',
  '-Command',
  '[Console]::OutputEncoding = [Text.Encoding]::UTF8; ' +
    `Get-CimInstance Win32_Process -Filter "${names.map(name => `Name='${name}'`).join(' OR ')}" | ` +
    'Select-Object ProcessId, CommandLine | ConvertTo-Json -Compress',
];
