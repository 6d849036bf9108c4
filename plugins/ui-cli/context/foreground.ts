import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether this process may read its terminal: a background job of a shell would be stopped by that. */
export function isInForeground(platform: NodeJS.Platform): boolean {
  // Windows has no background jobs.
  if (platform === 'win32') return true;
  const groups = platform === 'linux' ? groupsOfLinux() : groupsOfPs();
  const [own, foreground] = groups ?? [];
  return own !== undefined && own === foreground;
}

type Groups = readonly [own: string | undefined, foreground: string | undefined];

function groupsOfLinux(): Groups | undefined {
  try {
    const text = readFileSync('/proc/self/stat', 'latin1');
    // The name of the program, in parentheses, may contain anything. After it come fields 3 and up.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [fields[2], fields[5]];
  } catch {
    return undefined;
  }
}

function groupsOfPs(): Groups | undefined {
  const { stdout } = spawnSync('/bin/ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' });
  const [own, foreground] = (stdout ?? '').trim().split(/\s+/);
  return own ? [own, foreground] : undefined;
}
