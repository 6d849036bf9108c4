import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const folders = (process.env['PATH'] ?? '').split(delimiter);

export const isInstalled = (program: string): boolean => folders.some(folder => existsSync(join(folder, program)));

/** For the title of a test: the program, or why the test is skipped. */
export const realOrMissing = (...programs: readonly string[]): string => {
  const missing = programs.filter(program => !isInstalled(program));
  return missing.length === 0 ? `the real ${programs[0]}` : `skipped: ${missing.join(', ')} not installed`;
};
