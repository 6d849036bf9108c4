import { known, UsageError } from '../build/usage.ts';
import { PROGRAMS } from './programs/index.ts';
import type { VendorProgram } from './programs/program.ts';

/** A program, and one release of it or all that are installed. */
export type Wanted = { readonly program: VendorProgram; readonly release?: string | undefined };

/** Reads `claude` and `claude@2.1.332`. Nothing stands for all programs. */
export function readWanted(names: readonly string[]): readonly Wanted[] {
  if (names.length === 0) return PROGRAMS.map(program => ({ program }));
  return names.flatMap(text => {
    const [name, release] = text.split('@');
    if (release === '' || release === 'latest')
      throw new UsageError(`${text} names no release. Use --fetch latest ${name}, or ${name}@VERSION.`);
    const all = PROGRAMS.map(program => program.name);
    const index = all.indexOf(known('program', name ?? '', all));
    return PROGRAMS.slice(index, index + 1).map(program => ({ program, release }));
  });
}
