import { expandHome } from '../../../sdk/system/home.ts';
import { readPlainFile } from '../../../sdk/system/plain-file.ts';
import { UsageError } from '../context/options.ts';
import type { Assignment } from './option-values.ts';

const MAX_BYTES = 64 * 1024;

export type SecretSources = {
  readonly readInput: () => Promise<string>;
  readonly note: (text: string) => void;
};

/** Reads secrets that are given as `@FILE` or `-`. Notes those on the command line, which others may have seen. */
export async function withSecrets(
  assignments: readonly Assignment[],
  { readInput, note }: SecretSources,
): Promise<readonly Assignment[]> {
  const read: Assignment[] = [];
  for (const assignment of assignments) {
    const { key, option, text } = assignment;
    if (!option.secret) read.push(assignment);
    else if (text === '-') read.push({ ...assignment, text: firstLine(key, await readInput()) });
    else if (text.startsWith('@'))
      read.push({ ...assignment, text: firstLine(key, await readSecret(key, text.slice(1))) });
    else {
      note(
        `${key} was on the command line, where other users of this machine and your shell's history can see it. ` +
          `Write ${key}=@FILE, or ${key}=- to read it from the standard input.`,
      );
      read.push(assignment);
    }
  }
  return read;
}

async function readSecret(key: string, file: string): Promise<string> {
  try {
    return (await readPlainFile(expandHome(file), MAX_BYTES)).toString('utf8');
  } catch {
    throw new UsageError(`${key}: the file ${file} cannot be read.`);
  }
}

function firstLine(key: string, text: string): string {
  const [line = ''] = text.trim().split(/\r?\n/);
  if (line !== '') return line;
  throw new UsageError(`${key}: there is no text to read.`);
}
